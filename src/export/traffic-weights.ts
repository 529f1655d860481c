import type { ExportBatch } from './export-facts';

export type Weighted = ExportBatch & {
  /** Share of the fleet after this batch, in whole percent. */
  weight: number;
};

/** Up to here a whole percent is nearer to the planned number of hosts than to any other. */
const EXACT = 100;

/**
 * The share of hosts after each batch in whole percent, never falling, 100 at the last and only there. Above 100 hosts
 * shares are rounded down, so that no batch releases more than planned; the first is at least 1.
 */
export function weightsOf(batches: readonly ExportBatch[], hosts: number): Weighted[] {
  return batches.map((batch) => {
    const share = (batch.released / hosts) * 100;
    const whole = hosts > EXACT ? Math.floor(share + 1e-9) : Math.round(share);
    const weight = batch.released === hosts ? 100 : Math.min(99, Math.max(1, whole));
    return { ...batch, weight };
  });
}

/**
 * The same with a weight of its own for each batch, each above the one before. Throws a RangeError for more batches than
 * there are whole percents.
 */
export function growingWeights(batches: readonly ExportBatch[], hosts: number): Weighted[] {
  if (batches.length > 100)
    throw new RangeError(`it takes at most 100 batches, and the plan has ${batches.length}`);
  let before = 0;
  return weightsOf(batches, hosts).map((batch, index) => {
    // Room for a percent for each later batch stays.
    const most = 100 - (batches.length - 1 - index);
    const weight = Math.min(most, Math.max(before + 1, batch.weight));
    before = weight;
    return { ...batch, weight };
  });
}

/** Which batches release another number of hosts than planned, for people; undefined where all do as planned. */
export function inexactText(batches: readonly Weighted[], hosts: number): string | undefined {
  const others = batches.flatMap(({ id, released, weight }) => {
    const got = Math.max(1, Math.round((weight / 100) * hosts));
    return got === released ? [] : [`after batch ${id} ${got} of ${hosts} instead of ${released}`];
  });
  if (others.length === 0) return undefined;
  const shown = others.slice(0, 3).join(', ');
  return others.length > 3 ? `${shown}, and ${others.length - 3} more` : shown;
}
