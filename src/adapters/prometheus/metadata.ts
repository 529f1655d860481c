import { UpstreamError } from '../upstream/upstream-error';
import { paramsOf, type Answer, type Send } from './transport';
import {
  MetadataAnswer,
  NamesAnswer,
  SeriesAnswer,
  type Labels,
  type Metadata,
} from './response-schemas';

/** Unix seconds. */
export type Period = { start: number; end: number };

const MAX_SERIES = 5_000;
/** Stores without a metadata endpoint answer with one of these. */
const NO_METADATA_STATUS = new Set([400, 404, 405, 501]);

/** Values of a label on the series that match any of `match` (on all series when empty) in the period. */
export async function readLabelValues(
  send: Send,
  label: string,
  signal?: AbortSignal,
  match: string[] = [],
  period?: Period,
): Promise<Answer<string[]>> {
  const path = `label/${encodeURIComponent(label)}/values`;
  const params = paramsOf({ 'match[]': match, ...period });
  const { data, warnings } = await send({ path, schema: NamesAnswer, params, signal });
  return { data: data ?? [], warnings: warnings ?? [] };
}

/** Label sets of the series that match any of `match` in the period, at most 5,000. */
export async function readSeries(
  send: Send,
  match: string[],
  { start, end }: Period,
  signal?: AbortSignal,
): Promise<Answer<Labels[]>> {
  const params = paramsOf({ 'match[]': match, start, end, limit: MAX_SERIES });
  const answer = await send({ path: 'series', schema: SeriesAnswer, params, form: true, signal });
  return { data: (answer.data ?? []).slice(0, MAX_SERIES), warnings: answer.warnings ?? [] };
}

/** Type, help and unit by metric name; empty, with a warning, where the store has no metadata. */
export async function readMetadata(send: Send, signal?: AbortSignal): Promise<Answer<Metadata>> {
  try {
    const answer = await send({ path: 'metadata', schema: MetadataAnswer, signal });
    return { data: answer.data ?? {}, warnings: answer.warnings ?? [] };
  } catch (error) {
    const missing = error instanceof UpstreamError && NO_METADATA_STATUS.has(error.status ?? 0);
    if (!missing) throw error;
    return { data: {}, warnings: [`no metadata: ${error.message}`] };
  }
}
