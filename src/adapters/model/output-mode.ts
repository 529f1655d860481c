import { z } from 'zod';
import { OUTPUT_MODES, type OutputMode } from './model-request';
import type { StateFolder } from './state-folder';

const Remembered = z.strictObject({ rung: z.enum(OUTPUT_MODES) });

/** `obeyed`: the server kept to a schema that the prompt contradicted; `refused`: it does not accept this rung at all. */
export type ProbeVerdict = { verdict: 'obeyed' | 'ignored' | 'refused'; tokens: number };

/**
 * The way of structured output for a server: the configured one, otherwise the result of a semantic probe, stored on
 * disk. (A status 200 proves nothing: several servers silently ignore a schema.) If the server refuses a rung later,
 * the next lower one replaces it permanently.
 */
export function createLadder(options: {
  configured?: OutputMode;
  key: string;
  folder: StateFolder;
  probe: (rung: OutputMode) => Promise<ProbeVerdict>;
}) {
  let current = options.configured;
  let probing: Promise<OutputMode> | undefined;
  let unpaid = 0;

  return {
    /** `tokens`: the cost of the probe, reported only to the first caller. */
    async rung(): Promise<{ rung: OutputMode; tokens: number }> {
      if (current === undefined) {
        // Three activities start at the same time; only one of them probes.
        probing ??= find().finally(() => (probing = undefined));
        current = await probing;
      }
      const tokens = unpaid;
      unpaid = 0;
      return { rung: current, tokens };
    },
    /** The rung below, or undefined at the bottom. */
    below: (rung: OutputMode): OutputMode | undefined =>
      OUTPUT_MODES[OUTPUT_MODES.indexOf(rung) + 1],
    /** Records that a lower rung was answered after a higher one was refused. */
    async settle(rung: OutputMode): Promise<void> {
      if (current === rung) return;
      current = rung;
      await options.folder.write(options.key, { rung });
    },
  };

  async function find(): Promise<OutputMode> {
    const remembered = await options.folder.read(options.key, Remembered);
    if (remembered !== undefined) return remembered.rung;
    const rung = await climb();
    await options.folder.write(options.key, { rung });
    return rung;
  }

  /** Schema and tool must prove that they bind the answer; `json_object` (schema in the prompt) must only be accepted. */
  async function climb(): Promise<OutputMode> {
    for (const rung of OUTPUT_MODES) {
      if (rung === 'text') break;
      const { verdict, tokens } = await options.probe(rung);
      unpaid += tokens;
      if (verdict === 'obeyed') return rung;
      if (verdict === 'ignored' && rung === 'json_object') return rung;
    }
    return 'text';
  }
}
