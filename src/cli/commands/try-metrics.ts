import { selectMetrics } from '../../activities/select-metrics';
import { setThresholds } from '../../activities/set-thresholds';
import { shortlistMetrics } from '../../activities/shortlist-metrics';
import type { Upstreams } from '../../bootstrap/create-deps';
import { printJson, printView } from '../print';
import { renderMetrics } from '../render/metrics';

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
  printView({ result, warnings }, (view) => renderMetrics(view.result, view.warnings));
}
