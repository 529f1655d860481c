import { selectMetrics } from '../../activities/select-metrics';
import { setThresholds } from '../../activities/set-thresholds';
import { shortlistMetrics } from '../../activities/shortlist-metrics';
import { UpstreamError } from '../../adapters/upstream/upstream-error';
import type { Upstreams } from '../../bootstrap/deps';
import type { Rule } from '../../domain/metrics';
import { printJson, printView } from '../output';
import { renderMetrics, SPARKS, type Histories } from '../render/metrics';

/** What is drawn beside a rule. */
const DRAWN_SECONDS = 3 * 86_400;

/** `try metrics`: groups, rules and levels with their history on a terminal; a pipe, or `--json`, gets the StepResult. */
export async function tryMetrics(
  deps: Upstreams,
  service: string,
  { json }: { json?: boolean },
): Promise<void> {
  const now = new Date().toISOString();
  const shortlist = await shortlistMetrics(deps, { service, now });
  const selection = await selectMetrics(deps, { shortlist, risks: null });
  const { result, warnings } = await setThresholds(deps, { selection, now });
  if (json || !process.stdout.isTTY) return printJson(result);
  const rules = result.details.metrics.flatMap((group) => group.rules);
  const histories = await historiesOf(deps, rules, Date.parse(now) / 1000);
  printView({ result, warnings, histories }, (view) =>
    renderMetrics(view.result, view.warnings, view.histories),
  );
}

/** One value for each character of a spark line; a rule whose query is refused has none. */
async function historiesOf(
  { prometheus }: Pick<Upstreams, 'prometheus'>,
  rules: readonly Rule[],
  now: number,
): Promise<Histories> {
  const stepSeconds = Math.floor(DRAWN_SECONDS / (SPARKS - 1));
  const range = { start: Math.floor(now) - stepSeconds * (SPARKS - 1), end: Math.floor(now) };
  const read = rules.map(async ({ expr }): Promise<[string, number[]]> => {
    try {
      const { data } = await prometheus.queryRange(expr, { ...range, stepSeconds });
      const at = new Map((data[0]?.samples ?? []).map((one) => [one.at, one.value]));
      const values = Array.from({ length: SPARKS }, (_, i) =>
        at.get(range.start + i * stepSeconds),
      );
      return [expr, values.map((value) => value ?? NaN)];
    } catch (error) {
      if (error instanceof UpstreamError) return [expr, []];
      throw error;
    }
  });
  return new Map(await Promise.all(read));
}
