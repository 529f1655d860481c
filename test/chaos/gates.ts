import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { onLoopback } from '../fixtures/servers/loopback';
import { sleep } from '../fixtures/wait';

/** Just before a step runs, or when its work is done and Temporal does not know it yet. */
export type Moment = 'before' | 'after';
export type Gate = { workflowId: string; step: string; moment: Moment };

const Knock = z.object({
  pid: z.int(),
  moment: z.enum(['started', 'before', 'after']),
  step: z.string().default(''),
  workflowId: z.string().default(''),
  /** What the step starts on hosts. */
  action: z.string().optional(),
});

/** These belong to the action on hosts that was started last: they are called `STEP:ACTION` from then on. */
const OF_AN_ACTION: readonly string[] = ['startAction', 'readAction', 'readFleet', 'sampleRules'];

const keyOf = ({
  workflowId,
  step,
  moment,
}: Pick<Gate, 'workflowId' | 'step'> & { moment: string }): string =>
  `${workflowId} ${step} ${moment}`;

export type Gates = Awaited<ReturnType<typeof startGates>>;

/** Where the steps of a worker knock (step-gate.ts); those that are wanted wait until they are let through. */
export async function startGates() {
  const wanted = new Set<string>();
  const held = new Map<string, () => void>();
  const actions = new Map<string, string>();
  let pid = 0;
  let shiftMs = 0;
  const pass = (response: ServerResponse) => response.end(JSON.stringify({ shiftMs }));
  const knock = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const knocked = Knock.parse(JSON.parse(text));
    if (knocked.moment === 'started') pid = knocked.pid;
    const { workflowId, step, action } = knocked;
    if (action !== undefined) actions.set(workflowId, action);
    const last = OF_AN_ACTION.includes(step) ? actions.get(workflowId) : undefined;
    const key = keyOf({ ...knocked, step: last === undefined ? step : `${step}:${last}` });
    // Once: the next try of the same step goes through.
    if (!wanted.delete(key)) return void pass(response);
    held.set(key, () => pass(response));
    response.once('close', () => held.delete(key));
  };
  const server = createServer((request, response) => {
    void knock(request, response).catch(() => response.destroy());
  });
  return {
    ...(await onLoopback(server)),
    /** Of the worker that started last. */
    pid: () => pid,
    want: (gate: Gate) => void wanted.add(keyOf(gate)),
    isHeld: (gate: Gate) => held.has(keyOf(gate)),
    /** Answers those that did not come within the limit. */
    async untilHeld(of: readonly Gate[], limitMs: number): Promise<Gate[]> {
      const deadline = Date.now() + limitMs;
      for (;;) {
        const missing = of.filter((gate) => !held.has(keyOf(gate)));
        if (missing.length === 0 || Date.now() > deadline) return missing;
        await sleep(20);
      }
    },
    /** Lets one through that is held. */
    pass: (gate: Gate) => void held.get(keyOf(gate))?.(),
    /** Lets everybody through. */
    open() {
      wanted.clear();
      for (const go of held.values()) go();
    },
    /** From the next knock on, the worker's wall clock is so far off. */
    shiftClock: (ms: number) => void (shiftMs = ms),
  };
}
