/**
 * Loaded into the product's own worker command (`node --require`): holds an activity just before it runs or just before
 * it reports, where the harness wants a fault to meet it, and moves the wall clock when told. The clock is moved here
 * and not by libfaketime, because what the product reads is the `Date` of this process, and a clock that is set moves
 * the wall clock alone: the monotonic one, by which Temporal's core waits, runs on.
 */
import type { Context } from '@temporalio/activity';
import { Worker, type ActivityInterceptors } from '@temporalio/worker';

const PULSE_MS = 2_000;
const gates = process.env['CHAOS_GATES'] ?? '';
let shiftMs = 0;

const RealDate = Date;
const shiftedNow = () => RealDate.now() + shiftMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [shiftedNow()], newTarget) as Date,
  apply: () => new RealDate(shiftedNow()).toString(),
  get: (target, key) => (key === 'now' ? shiftedNow : (Reflect.get(target, key) as unknown)),
});

async function say(what: object): Promise<void> {
  const body = JSON.stringify({ pid: process.pid, ...what });
  try {
    const answer = await fetch(gates, { method: 'POST', body });
    ({ shiftMs } = (await answer.json()) as { shiftMs: number });
  } catch {
    // The harness has gone: nothing is held.
  }
}

async function pass(
  moment: 'before' | 'after',
  context: Context,
  action: string | undefined,
): Promise<void> {
  const { activityType: step, attempt, workflowExecution } = context.info;
  const timer = setInterval(() => context.heartbeat(), PULSE_MS);
  try {
    await say({ moment, step, attempt, workflowId: workflowExecution?.workflowId, action });
  } finally {
    clearInterval(timer);
  }
}

const gate = (context: Context): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      const [first] = input.args as [{ action?: { type?: string } }?];
      const action = first?.action?.type;
      await pass('before', context, action);
      const result: unknown = await next(input);
      await pass('after', context, action);
      return result;
    },
  },
});

const create = Worker.create.bind(Worker);
Worker.create = (options) =>
  create({
    ...options,
    interceptors: {
      ...options.interceptors,
      activity: [...(options.interceptors?.activity ?? []), gate],
    },
  });

void say({ moment: 'started' });
