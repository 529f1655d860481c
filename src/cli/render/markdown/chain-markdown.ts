import type { RiskPrediction } from '../../../domain/risk';
import type { Texts } from '../../texts/texts';
import { reasonsOf, share } from '../chain-labels';
import { bullets, safe, table } from '../markdown-text';

/** Most calls in the table, for readability. */
const MAX_EDGES = 100;

/** The calls between services: how often, and how many fail. */
export function chainMarkdown({ chain }: RiskPrediction['details'], texts: Texts): string[] {
  const { t } = texts;
  const shown = chain.edges.slice(0, MAX_EDGES);
  const more = chain.edges.length - shown.length;
  return [
    `## ${t('chain.heading')}`,
    '',
    ...(shown.length === 0 ? [safe(emptyText(chain.status, t)), ''] : []),
    ...(shown.length === 0
      ? []
      : table(
          (['caller', 'callee', 'via', 'count', 'failed'] as const).map((key) => t(`chain.${key}`)),
          shown.map(({ caller, callee, via, systems = [], calls, errors }) => [
            caller,
            callee,
            [via, ...systems].join(' '),
            calls.toLocaleString('en-US'),
            errors === null ? '–' : share(errors, calls),
          ]),
        )),
    ...bullets([
      ...(more > 0 ? [t('chain.more', { count: more })] : []),
      ...(chain.status === 'partial'
        ? [t('chain.partial', { reasons: reasonsOf(chain, texts).join('; ') })]
        : []),
    ]),
    '',
  ];
}

/** Why a chain has no calls. */
export const emptyText = (
  status: RiskPrediction['details']['chain']['status'],
  t: Texts['t'],
): string => (status === 'unknown' ? t('chain.unknown') : t('chain.none'));
