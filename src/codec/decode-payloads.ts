import type { DataConverter, Payload } from '@temporalio/common';
import { z } from 'zod';
import { ExternalStorageRunner } from '../temporal/sdk-internals';

/** Payloads resolved in one answer: a plan for a million hosts; more is left as a reference. */
const MAX_RESOLVED_BYTES = 64 * 1024 * 1024;

const Base64 = z.base64().or(z.literal(''));
/** A payload as Temporal's JSON has it. */
const WirePayload = z.object({
  metadata: z.record(z.string(), Base64).default({}),
  data: Base64.default(''),
  externalPayloads: z
    .array(z.object({ sizeBytes: z.union([z.string(), z.number()]).optional() }))
    .optional(),
});
/** Body and answer of Temporal's remote codec protocol. */
export const WirePayloads = z.object({ payloads: z.array(WirePayload).default([]) });
export type WirePayloads = z.infer<typeof WirePayloads>;
type WirePayload = z.infer<typeof WirePayload>;

/**
 * What the Web UI asks for: resolves references to stored payloads, and decrypts. A payload that cannot be read stays as
 * it is, so that the page shows the others; `onFault` gets the reason.
 */
export async function decodePayloads(
  converter: DataConverter,
  { payloads }: WirePayloads,
  onFault: (reason: string) => void,
): Promise<WirePayloads> {
  const runner = converter.externalStorage && new ExternalStorageRunner(converter.externalStorage);
  let budget = MAX_RESOLVED_BYTES;
  const decoded: WirePayload[] = [];
  for (const wire of payloads) {
    try {
      // The size in a reference comes from the caller; the bytes that were read are counted as well.
      if (budget <= 0 || sizeOf(wire) > budget)
        throw new Error(
          `the payloads exceed the limit of ${MAX_RESOLVED_BYTES} bytes in one answer`,
        );
      const resolved = (await runner?.retrieve([payloadOf(wire)])) ?? [payloadOf(wire)];
      for (const { data } of resolved) budget -= data?.byteLength ?? 0;
      decoded.push(...(await through(converter, 'decode', resolved)).map(wireOf));
    } catch (error) {
      onFault((error as Error).message);
      decoded.push(wire);
    }
  }
  return { payloads: decoded };
}

/** What the Web UI and the CLI send to a workflow, as this configuration writes it. */
export const encodePayloads = async (
  converter: DataConverter,
  { payloads }: WirePayloads,
): Promise<WirePayloads> => ({
  payloads: (await through(converter, 'encode', payloads.map(payloadOf))).map(wireOf),
});

async function through(
  { payloadCodecs = [] }: DataConverter,
  way: 'encode' | 'decode',
  payloads: Payload[],
): Promise<Payload[]> {
  let current = payloads;
  const codecs = way === 'encode' ? payloadCodecs : [...payloadCodecs].reverse();
  for (const codec of codecs) current = await codec[way](current);
  return current;
}

const sizeOf = ({ externalPayloads }: WirePayload): number =>
  (externalPayloads ?? []).reduce((sum, { sizeBytes = 0 }) => sum + (Number(sizeBytes) || 0), 0);

const payloadOf = ({ metadata, data }: WirePayload): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, 'base64')]),
  ),
  data: Buffer.from(data, 'base64'),
});

const wireOf = ({ metadata, data }: Payload): WirePayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([key, value]) => [key, base64Of(value)]),
  ),
  data: base64Of(data),
});

const base64Of = (bytes: Uint8Array | null | undefined): string =>
  Buffer.from(bytes ?? []).toString('base64');
