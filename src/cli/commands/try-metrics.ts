import { selectMetrics } from '../../activities/select-metrics';
import { setThresholds } from '../../activities/set-thresholds';
import { shortlistMetrics } from '../../activities/shortlist-metrics';
import type { Upstreams } from '../../bootstrap/create-deps';
import type { MetricOutcome } from '../../domain/metrics';
import type { ReleaseRequest } from '../../domain/release';
import { printJson, printView } from '../print';
import { renderMetrics } from '../render/metrics';

/** `try metrics`: groups, rules and levels with their history on a terminal; a pipe, or `--json`, gets the StepResult. */
export async function tryMetrics(
  deps: Upstreams,
  request: ReleaseRequest,
  { json }: { json?: boolean },
): Promise<void> {
  const { result, warnings } = await metricsOf(deps, request);
  if (json || !process.stdout.isTTY) return printJson({ ...result, warnings });
  printView({ result, warnings }, (view) => renderMetrics(view.result, view.warnings));
}

/** The rules of a service as a preparation finds them, without what its risks would ask for. */
export async function metricsOf(
  deps: Upstreams,
  { service, allow_unknown_service: allowUnknown }: ReleaseRequest,
): Promise<MetricOutcome> {
  const now = new Date().toISOString();
  const about = { service, now, ...(allowUnknown && { allow_unknown_service: true }) };
  const shortlist = await shortlistMetrics(deps, about);
  const selection = await selectMetrics(deps, { shortlist, risks: null });
  return setThresholds(deps, { selection, now });
}
