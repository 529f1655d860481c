import { z } from 'zod';
import { RUNGS, type Rung } from './request';
import type { StateFolder } from './state-folder';

const Remembered = z.strictObject({ rung: z.enum(RUNGS) });

/** `obeyed`: the server kept to a schema that the prompt contradicted; `refused`: it does not take this rung at all. */
export type ProbeVerdict = { verdict: 'obeyed' | 'ignored' | 'refused'; tokens: number };

/**
 * Which way of structured output a server takes: the configured one, else what one semantic probe proved (a status
 * 200 proves nothing, several servers ignore a schema silently), remembered on disk. A rung that the server refuses
 * later is left for good by the next lower one.
 */
export function createLadder(options: {
  configured?: Rung;
  key: string;
  folder: StateFolder;
  probe: (rung: Rung) => Promise<ProbeVerdict>;
}) {
  let current = options.configured;
  let probing: Promise<Rung> | undefined;
  let unpaid = 0;

  return {
    /** `tokens`: what a probe cost, told to the first caller alone. */
    async rung(): Promise<{ rung: Rung; tokens: number }> {
      if (current === undefined) {
        // Three activities start at once: one of them probes.
        probing ??= find().finally(() => (probing = undefined));
        current = await probing;
      }
      const tokens = unpaid;
      unpaid = 0;
      return { rung: current, tokens };
    },
    /** The rung below, or undefined at the bottom. */
    below: (rung: Rung): Rung | undefined => RUNGS[RUNGS.indexOf(rung) + 1],
    /** A lower rung was answered where a higher one was refused. */
    async settle(rung: Rung): Promise<void> {
      if (current === rung) return;
      current = rung;
      await options.folder.write(options.key, { rung });
    },
  };

  async function find(): Promise<Rung> {
    const remembered = await options.folder.read(options.key, Remembered);
    if (remembered !== undefined) return remembered.rung;
    const rung = await climb();
    await options.folder.write(options.key, { rung });
    return rung;
  }

  /** Schema and tool must prove that they bind; `json_object` carries the schema in the prompt and must only be taken. */
  async function climb(): Promise<Rung> {
    for (const rung of RUNGS) {
      if (rung === 'text') break;
      const { verdict, tokens } = await options.probe(rung);
      unpaid += tokens;
      if (verdict === 'obeyed') return rung;
      if (verdict === 'ignored' && rung === 'json_object') return rung;
    }
    return 'text';
  }
}
