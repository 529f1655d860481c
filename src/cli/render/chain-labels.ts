import { plainText } from '../../adapters/terminal/printable';
import type { ChainEdge, ChainNode, ServiceChain } from '../../domain/service-chain';
import type { Texts } from '../texts/texts';

/** Each reason once: in the words of its notes where there are any. Notes are English, as the JSON is. */
export const reasonsOf = (
  { truncated, notes = [] }: Pick<ServiceChain, 'truncated' | 'notes'>,
  { t, language }: Texts,
): string[] =>
  [...new Set([...truncated, ...notes.map(({ reason }) => reason)])].flatMap((reason) => {
    const words = t(`chain.reason.${reason}`);
    const details = notes
      .filter((note) => note.reason === reason)
      .map(({ detail }) => plainText(detail));
    if (details.length === 0) return [`${reason}: ${words}`];
    return language === 'en'
      ? details.map((detail) => `${reason}: ${detail}`)
      : [`${reason}: ${words}`, ...details];
  });

/** `topic kafka · 45 calls (about 60) · 24.4 % errors`. */
export function edgeWords(
  { via, systems = [], calls, errors, scale, last_seen }: ChainEdge,
  { t }: Texts,
): string {
  const estimate = Math.round(calls * scale);
  const counted = t('chain.edgeCalls', { count: calls, figure: figure(calls) });
  return [
    [via, ...systems].map(plainText).join(' '),
    estimate > calls ? t('chain.about', { calls: counted, estimate: figure(estimate) }) : counted,
    errors === null ? t('chain.errorsUnknown') : t('chain.errors', { share: share(errors, calls) }),
    ...(last_seen === undefined ? [] : [t('chain.lastSeen', { time: minuteOf(last_seen) })]),
  ].join(' · ');
}

/** Enough to find the callee; the JSON has all. */
const MAX_CANDIDATES = 3;

/** The kind of a node that is not a service. */
export function nodeWords({ kind, candidates = [], last_seen }: ChainNode, texts: Texts): string {
  const { t } = texts;
  const names = someOf(candidates, MAX_CANDIDATES, texts);
  const words = [
    ...(kind === 'service' ? [] : [kind]),
    ...(kind === 'unresolved'
      ? [names === '' ? t('chain.noCandidate') : t('chain.candidates', { names })]
      : []),
    ...(last_seen === undefined ? [] : [t('chain.lastSeen', { time: minuteOf(last_seen) })]),
  ];
  return words.length === 0 ? '' : `(${words.join(', ')})`;
}

/** The first names, and how many more there are. */
export function someOf(names: readonly string[], most: number, { t }: Texts): string {
  const some = names.slice(0, most).map(plainText).join(', ');
  return names.length > most
    ? t('chain.andMore', { names: some, count: names.length - most })
    : some;
}

/** Services of the same requests whose direction is unknown. */
export function undirected(chain: ServiceChain): string[] {
  const placed = new Set([
    chain.service,
    ...[...chain.upstream, ...chain.downstream].map(({ service }) => service),
  ]);
  return chain.nodes
    .filter(({ id, kind }) => kind === 'service' && !placed.has(id))
    .map(({ id }) => id);
}

const minuteOf = (time: string): string => `${plainText(time).slice(0, 16).replace('T', ' ')}Z`;
export const share = (errors: number, calls: number): string =>
  calls === 0 ? '0 %' : `${((100 * errors) / calls).toFixed(1).replace(/\.0$/, '')} %`;
const figure = (count: number): string => count.toLocaleString('en-US');
