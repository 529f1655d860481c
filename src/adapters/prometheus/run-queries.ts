import type { z } from 'zod';
import { UpstreamError } from '../upstream/upstream-error';
import { coarser, inParts, isTooHeavy, joinSeries, splitRange, type Range } from './split-range';
import { paramsOf, warningsOf, type Answer, type Send } from './transport';
import {
  InstantAnswer,
  RangeAnswer,
  type Labels,
  type Sample,
  type Series,
} from './response-schemas';

/** A range may have been answered on a coarser grid than was asked for. */
export type RangeAnswered = Answer<Series[]> & { stepSeconds: number };

/** Value of `expr` at one time (Unix seconds; else the server's own); a scalar comes as one series without labels. */
export async function queryInstant(
  send: Send,
  expr: string,
  at?: number,
  signal?: AbortSignal,
): Promise<Answer<{ labels: Labels; sample: Sample }[]>> {
  const params = paramsOf({ query: expr, ...(at !== undefined && { time: at }) });
  const call = { path: 'query', schema: InstantAnswer, params, form: true, signal };
  const answer = await send(call);
  return { data: instantSamples(answer.data), warnings: warningsOf(answer) };
}

/**
 * Values of `expr` over a range; a range over the point limit is asked for in parts. A query that is too heavy
 * (the server's limit on samples, its time-out, our bound on an answer) is repeated in short parts, then on a coarser
 * grid; after that the refusal is thrown.
 */
export async function queryRange(
  send: Send,
  expr: string,
  range: Range,
  signal?: AbortSignal,
): Promise<RangeAnswered> {
  const tries = [splitRange(range), inParts(range), splitRange(coarser(range))];
  for (const [index, parts] of tries.entries()) {
    try {
      return await queryParts(send, expr, parts, signal);
    } catch (error) {
      if (index === tries.length - 1 || !isTooHeavy(error)) throw error;
    }
  }
  throw new UpstreamError('prometheus', 'an empty range');
}

async function queryParts(
  send: Send,
  expr: string,
  parts: Range[],
  signal?: AbortSignal,
): Promise<RangeAnswered> {
  const answers = await Promise.all(
    parts.map(({ start, end, stepSeconds, lookBackSeconds: lookBack }) => {
      const params = paramsOf({
        ...{ query: expr, start, end, step: stepSeconds },
        ...(lookBack !== undefined && { lookback_delta: `${lookBack}s` }),
      });
      return send({ path: 'query_range', schema: RangeAnswer, params, form: true, signal });
    }),
  );
  const series = answers.map(({ data }) =>
    data.result.map(({ metric, values }) => ({ labels: metric, samples: values })),
  );
  const stepSeconds = parts[0]?.stepSeconds ?? 0;
  return { data: joinSeries(series), warnings: answers.flatMap(warningsOf), stepSeconds };
}

function instantSamples(
  data: z.infer<typeof InstantAnswer>['data'],
): { labels: Labels; sample: Sample }[] {
  if (data.resultType === 'scalar') return [{ labels: {}, sample: data.result }];
  return data.result.flatMap(({ metric, value }) =>
    value ? [{ labels: metric, sample: value }] : [],
  );
}
