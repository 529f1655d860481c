import type { Issue } from '../../domain/issue';
import type { Concern, Verdict } from '../../domain/issue-verdict';
import { formatDuration } from '../text/format-duration';
import { parseSeconds } from '../text/parse-seconds';
import { BLOCKING, CONCERN, counted } from './concern';
import { hostConcerns, planConcerns } from './plan-concerns';
import { ruleConcerns } from './rule-concerns';
import { degradedSteps, failingCalls, otherWarnings } from './step-concerns';

/**
 * What a person should know of an issue first: whether the release can begin, how large its plan is, and what to
 * know before, the worst first. `no` when nothing that the service shows could stop the release, `yes` without any
 * concern. The same issue gives the same verdict.
 */
export function verdictOf({ steps, warnings }: Pick<Issue, 'steps' | 'warnings'>): Verdict {
  const [version, metrics, plan, risks] = steps;
  const { batches } = plan.details.gray_strategy;
  const concerns = worstFirst([
    ...ruleConcerns(metrics.details, batches, risks.details.risks),
    ...planConcerns(plan.details),
    ...hostConcerns(version.details, plan.details),
    ...failingCalls(risks.details),
    ...degradedSteps(risks.details, steps, warnings),
    ...otherWarnings(warnings),
  ]);
  const ready = readyOf(concerns);
  return { ready, sentence: sentenceOf(ready, concerns, plan.details.gray_strategy), concerns };
}

function readyOf(concerns: readonly Concern[]): Verdict['ready'] {
  if (concerns.some(({ code }) => BLOCKING.has(code))) return 'no';
  return concerns.length > 0 ? 'with_care' : 'yes';
}

const ORDER: readonly string[] = Object.values(CONCERN);

/** Codes without a place of their own come last, in the order of the warnings. */
const worstFirst = (concerns: readonly Concern[]): Concern[] =>
  [...concerns].sort((a, b) => placeOf(a) - placeOf(b));

function placeOf({ code }: Concern): number {
  const place = ORDER.indexOf(code);
  return place < 0 ? ORDER.length : place;
}

const HEAD: Record<Verdict['ready'], string> = {
  yes: 'Ready',
  no: 'Not ready',
  with_care: 'Ready with care',
};

function sentenceOf(
  ready: Verdict['ready'],
  [worst]: readonly Concern[],
  { batches, total_time: total }: { batches: readonly unknown[]; total_time: string },
): string {
  const duration = formatDuration(parseSeconds(total));
  const size = `${counted(batches.length, 'batch', 'batches')}, ${duration}`;
  switch (ready) {
    case 'yes':
      return `${HEAD.yes}: ${size}`;
    case 'no':
      return `${HEAD.no}: ${worst?.text ?? size}`;
    case 'with_care':
      return `${HEAD.with_care}: ${size}; ${worst?.text ?? ''}`;
  }
}
