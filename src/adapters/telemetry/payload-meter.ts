import { metrics } from '@opentelemetry/api';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';

/**
 * Measures each payload as it goes to Temporal or comes from there, behind every other codec; what is large leaves
 * for the payload store only after this.
 */
const payloadMeter: PayloadCodec = {
  encode: (payloads) => Promise.resolve(measured('out', payloads)),
  decode: (payloads) => Promise.resolve(measured('in', payloads)),
};

function measured(direction: 'in' | 'out', payloads: Payload[]): Payload[] {
  const sizes = metrics.getMeter('release-prep').createHistogram('release_prep_payload_size', {
    unit: 'By',
    description: 'Size of a payload of Temporal',
  });
  for (const { data } of payloads) sizes.record(data?.byteLength ?? 0, { direction });
  return payloads;
}

/** The same data converter, its payloads measured. */
export const withMeteredPayloads = (converter: DataConverter): DataConverter => ({
  ...converter,
  payloadCodecs: [...(converter.payloadCodecs ?? []), payloadMeter],
});
