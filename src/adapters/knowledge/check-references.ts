import { LIKELIHOODS, SEVERITIES } from '../../domain/names';
import path from 'node:path';
import { METRIC_GROUPS } from '../../domain/knowledge/front-matter';
import type { RiskConditions, RiskDocument } from '../../domain/knowledge/risk-document';
import type { RolloutDocument } from '../../domain/knowledge/rollout-document';
import type { ServiceDocument } from '../../domain/knowledge/service-document';
import type { TechnologyDocument } from '../../domain/knowledge/technology-document';
import type { KnowledgeFault, Read } from './read-document';
import { didYouMean } from './did-you-mean';

export type Shelves = {
  risks: Read<RiskDocument>[];
  technologies: Read<TechnologyDocument>[];
  rollout: Read<RolloutDocument>[];
  services: Read<ServiceDocument>[];
};
/** Ids of documents that a user's folder removed: who refers to one has no fault. */
export type Removed = Record<keyof Shelves, ReadonlySet<string>>;
type Names = Record<'risk' | 'technology' | 'rollout policy' | 'metric group', Set<string>>;
type Check = {
  fault: (of: Read<unknown>, at: PropertyKey[], message: string) => void;
  known: (of: Read<unknown>, at: PropertyKey[], names: Named, what: keyof Names) => void;
};
type Named = string | readonly string[] | undefined;

/** What documents say of one another: names exist, ids are unique and name their file, bounds are bounds. */
export function checkReferences(
  shelves: Shelves,
  removed: Removed,
  errors: KnowledgeFault[],
): void {
  const broken = new Set(errors.map(({ file }) => path.basename(file, '.md')));
  const check = checksOf(namesOf(shelves, removed, broken), errors);
  const { risks, technologies, rollout, services } = shelves;
  unique(risks, 'id', check);
  unique(risks, 'type', check);
  unique(technologies, 'id', check);
  unique(rollout, 'id', check);
  unique(services, 'service', check);
  for (const risk of risks) checkRisk(risk, check);
  for (const technology of technologies) {
    check.known(technology, ['extends'], technology.document.extends, 'technology');
    check.known(technology, ['risks'], technology.document.risks, 'risk');
  }
  for (const policy of rollout)
    check.known(policy, ['applies', 'kinds'], policy.document.applies.kinds ?? [], 'technology');
  for (const service of services) {
    check.known(service, ['kind'], service.document.kind, 'technology');
    check.known(service, ['rollout'], service.document.rollout, 'rollout policy');
    check.known(service, ['risks'], service.document.risks, 'risk');
  }
}

/** A document with faults of its own is named after its file: who refers to it has no fault. */
function namesOf(
  { risks, technologies, rollout }: Shelves,
  removed: Removed,
  broken: Set<string>,
): Names {
  const ids = (list: Read<{ id: string }>[], gone: ReadonlySet<string>) =>
    new Set([...list.map(({ document }) => document.id), ...gone, ...broken]);
  const own = technologies.flatMap(({ document }) => document.groups.map(({ name }) => name));
  return {
    risk: ids(risks, removed.risks),
    technology: ids(technologies, removed.technologies),
    'rollout policy': ids(rollout, removed.rollout),
    'metric group': new Set([...METRIC_GROUPS, ...own]),
  };
}

function checksOf(names: Names, errors: KnowledgeFault[]): Check {
  const fault: Check['fault'] = (of, at, message) =>
    void errors.push({ file: of.file, line: of.lineOf(at), message });
  const known: Check['known'] = (of, at, given, what) => {
    const list = typeof given === 'string' ? [given] : (given ?? []);
    list.forEach((name, i) => {
      if (names[what].has(name)) return;
      const where = typeof given === 'string' ? at : [...at, i];
      fault(of, where, `${at.join('.')}: no ${what} ${name}${didYouMean(name, names[what])}`);
    });
  };
  return { fault, known };
}

function unique(list: Read<unknown>[], key: string, { fault }: Check): void {
  const seen = new Map<unknown, string>();
  for (const of of list) {
    const id = (of.document as Record<string, unknown>)[key];
    const first = seen.get(id);
    if (first === undefined) seen.set(id, of.file);
    else fault(of, [key], `${key}: ${String(id)} is already used in ${first}`);
  }
}

function checkRisk(risk: Read<RiskDocument>, check: Check): void {
  const { id, applies, also_applies: also, raises, watch, severity, likelihood } = risk.document;
  const name = path.basename(risk.document.path, '.md');
  if (name !== id) check.fault(risk, ['id'], `id: is ${id}, but the file is named ${name}.md`);
  checkConditions(risk, ['applies'], applies, check);
  also.forEach((conditions, i) => {
    const at = ['also_applies', i];
    checkConditions(risk, at, conditions, check);
    if (Object.keys(conditions).length === 0 || Object.keys(applies).length === 0)
      check.fault(
        risk,
        at,
        `${at.join('.')}: nothing is left for it to add; \`applies: {}\` always holds`,
      );
  });
  check.known(risk, ['watch'], watch, 'metric group');
  raises.forEach((raise, i) => {
    const at = ['raises', i];
    checkConditions(risk, [...at, 'when'], raise.when, check);
    if (Object.keys(raise.when).length === 0)
      check.fault(risk, [...at, 'when'], `${at.join('.')}.when: needs a condition`);
    const higher =
      SEVERITIES.indexOf(raise.severity ?? severity) > SEVERITIES.indexOf(severity) ||
      LIKELIHOODS.indexOf(raise.likelihood ?? likelihood) > LIKELIHOODS.indexOf(likelihood);
    if (!higher) check.fault(risk, at, `${at.join('.')}: raises neither severity nor likelihood`);
  });
}

function checkConditions(
  risk: Read<RiskDocument>,
  at: PropertyKey[],
  conditions: RiskConditions,
  check: Check,
): void {
  for (const key of ['kinds', 'not_kinds', 'depends_on'] as const)
    check.known(risk, [...at, key], conditions[key], 'technology');
  const { min_hosts: min = 1, max_hosts: max = Infinity } = conditions;
  if (min > max)
    check.fault(risk, [...at, 'max_hosts'], `${at.join('.')}: max_hosts is below min_hosts`);
}
