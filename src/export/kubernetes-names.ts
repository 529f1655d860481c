/** The longest name of an object or value of a label that Kubernetes takes everywhere. */
const MAX_NAME = 63;
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Whether a text is a name that Kubernetes takes (RFC 1123 label). */
export const isName = (text: string): boolean => text.length <= MAX_NAME && NAME.test(text);

/** Dashes in place of what a name may not hold; empty if nothing is left. */
const slug = (text: string, max: number): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, max + 1)
    .replace(/^-/, '')
    .slice(0, max)
    .replace(/-$/, '');

/** Digits of the digest that keep the objects of two issues apart. */
const MARK = 8;
const markOf = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, MARK);

/**
 * The name of the workload: the service's own where Kubernetes takes it, else one made of it. Different services whose
 * names have no Latin letters get different ones, by the part of the issue's id that both make unlike.
 */
export function workloadName(service: string, issueId: string): string {
  if (isName(service)) return service;
  const base = slug(service, MAX_NAME - MARK - 1);
  const family = /-([0-9a-f]{8})[0-9a-f]*-r\d+$/.exec(issueId)?.[1] ?? slug(issueId, MARK);
  return [base || 'service', family].join('-');
}

/** Gives each text a name that no other has and that Kubernetes takes, with the mark of the issue at its end. */
export function createNames(digest: string): (text: string) => string {
  const taken = new Set<string>();
  const mark = markOf(digest);
  return (text) => {
    const base = slug(text, MAX_NAME - MARK - 8) || 'rule';
    let name = `${base}-${mark}`;
    for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}-${mark}`;
    taken.add(name);
    return name;
  };
}

/** The value of a label: letters, digits, `-`, `_` and `.`, at most 63, a letter or digit at both ends. */
export const labelValue = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]{1,999}/, '')
    .slice(0, MAX_NAME)
    .split('')
    .reduceRight(
      (value, letter) => (value === '' && /[_.-]/.test(letter) ? '' : letter + value),
      '',
    );
