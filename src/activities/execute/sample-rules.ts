import type { Sample } from '../../guard/guard';
import { guardSamples, LOOK_BACK_SECONDS } from '../../steps/execution/guard-samples';
import type { Sampling } from '../../steps/execution/sampling';
import type { Deps } from '../runtime/activity-deps';
import { withHeartbeat } from '../runtime/heartbeat';

export type Sampled = { rule_id: string; samples: Sample[]; fault?: string };

/**
 * The values of rules over a time, as Prometheus has them. What it cannot answer is a rule without samples and with the
 * reason: it is the guard that says what follows from missing data.
 */
export const sampleRules = (
  { prometheus }: Pick<Deps, 'prometheus'>,
  { samplings }: { samplings: Sampling[] },
): Promise<Sampled[]> =>
  withHeartbeat((signal) =>
    Promise.all(
      samplings.map(async ({ rule_id, expr, from, to, stepMs }): Promise<Sampled> => {
        try {
          // On a grid of the step: the same time has the same value in each look.
          const stepSeconds = stepMs / 1000;
          const start = Math.ceil(from / stepMs) * stepSeconds;
          const end = Math.floor(to / stepMs) * stepSeconds;
          if (!(end >= start)) return { rule_id, samples: [] };
          const range = { start, end, stepSeconds, lookBackSeconds: LOOK_BACK_SECONDS };
          const { data } = await prometheus.queryRange(expr, range, signal);
          return { rule_id, samples: guardSamples(data) };
        } catch (error) {
          if (signal?.aborted) throw error;
          const reason = error instanceof Error ? error.message : String(error);
          return { rule_id, samples: [], fault: reason.slice(0, 500) };
        }
      }),
    ),
  );
