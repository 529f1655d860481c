import type { RiskConditions } from '../../domain/knowledge/risk-document';
import type { Situation } from './situation';

/**
 * `holds`: all conditions hold. `open`: a condition on the service or its neighbours fails, which may be only partly
 * known, so a model may know more. `contradicted`: the facts of the release itself rule it out.
 */
export type Verdict =
  { kind: 'holds'; evidence: string[] } | { kind: 'open' } | { kind: 'contradicted' };

type Shown = readonly string[] | undefined;

/**
 * Whether the conditions of a risk hold, and which facts show it. `kinds` are the service's technology and all that it
 * extends; `namedBy` is the profile that names the risk, which counts as the kind of the service.
 */
export function judgeConditions(
  conditions: RiskConditions,
  situation: Situation,
  kinds: ReadonlySet<string>,
  namedBy?: string,
): Verdict {
  const release = ofRelease(conditions, situation, kinds);
  if (release.some((shown) => shown === undefined)) return { kind: 'contradicted' };
  const service = ofService(conditions, situation, kinds).map(
    (shown) => shown ?? (namedBy === undefined ? undefined : [namedBy]),
  );
  if (service.some((shown) => shown === undefined)) return { kind: 'open' };
  const named = namedBy === undefined ? [] : [namedBy];
  const evidence = [
    ...new Set([...service, ...release].flatMap((shown) => shown ?? []).concat(named)),
  ];
  return { kind: 'holds', evidence: evidence.length > 0 ? evidence : [situation.release] };
}

/**
 * Whether a risk applies in one of its cases, with the facts of all that hold and the number of conditions of the most
 * particular one.
 */
export function judgeCases(
  cases: readonly RiskConditions[],
  situation: Situation,
  kinds: ReadonlySet<string>,
  namedBy?: string,
): Verdict & { conditions: number } {
  const judged = cases.map((one) => ({
    conditions: Object.keys(one).length,
    verdict: judgeConditions(one, situation, kinds, namedBy),
  }));
  const holding = judged.filter(({ verdict }) => verdict.kind === 'holds');
  if (holding.length === 0) {
    const kind = judged.some(({ verdict }) => verdict.kind === 'open') ? 'open' : 'contradicted';
    return { kind, conditions: 0 };
  }
  const evidence = holding.flatMap(({ verdict }) =>
    verdict.kind === 'holds' ? verdict.evidence : [],
  );
  const conditions = Math.max(...holding.map((one) => one.conditions));
  return { kind: 'holds', evidence: [...new Set(evidence)], conditions };
}

/** What the service is, and its place in the chain: for each condition that is given, the facts that show it. */
function ofService(
  { kinds: wanted, depends_on: needs, position }: RiskConditions,
  { kind, dependsOn, positions }: Situation,
  kinds: ReadonlySet<string>,
): Shown[] {
  return [
    wanted && shown(wanted.some((one) => kinds.has(one)) ? [`kind:${kind}`] : []),
    needs && shown(needs.flatMap((one) => dependsOn.get(one) ?? [])),
    position && shown(position.flatMap((one) => positions.get(one) ?? [])),
  ].filter((_, i) => [wanted, needs, position][i] !== undefined);
}

/** What is released, from what, to how many hosts: always known, except a history that could not be read. */
function ofRelease(
  conditions: RiskConditions,
  { kind, changes, hosts, versions, history }: Situation,
  kinds: ReadonlySet<string>,
): Shown[] {
  const { change, min_hosts: min, max_hosts: max, mixed_versions: mixed } = conditions;
  const given: [unknown, Shown][] = [
    [change, shown(changes.filter((one) => change?.includes(one)).map((one) => `change:${one}`))],
    [min, shown(hosts >= (min ?? 0) ? [`fleet:${hosts}`] : [])],
    [max, shown(hosts <= (max ?? Infinity) ? [`fleet:${hosts}`] : [])],
    [mixed, shown(versions > 1 === mixed ? [`versions:${versions}`] : [])],
    [
      conditions.not_kinds,
      shown(conditions.not_kinds?.some((one) => kinds.has(one)) ? [] : [`kind:${kind}`]),
    ],
    [
      conditions.history,
      shown(conditions.history?.flatMap((one) => history?.get(one) ?? []) ?? []),
    ],
  ];
  return given.flatMap(([asked, ids]) => (asked === undefined ? [] : [ids]));
}

const shown = (ids: readonly string[]): Shown => (ids.length > 0 ? ids : undefined);
