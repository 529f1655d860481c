import { createHash } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { ExternalStorage, StorageDriverClaim, type Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { filePathOf } from '../files/json-file';
import { UpstreamError } from '../upstream/upstream-error';
import { MAX_PAYLOAD_BYTES, type Blobs } from './blobs';
import { elasticsearchBlobs } from './elasticsearch-blobs';
import { fileBlobs } from './file-blobs';

/** Temporal warns of payloads above 256 KiB and refuses those above 2 MiB: a plan for 100,000 hosts has 6 MB. */
const INLINE_BYTES = 256 * 1024;
const DIGEST = /^sha256-[0-9a-f]{64}$/;

export type PayloadStoreOptions = { url: string; client?: Client; index: string };

/**
 * Large payloads are stored with the issues, and history holds a reference to each; worker and client must use the same
 * store. The SDK stores payloads after its codecs: with encryption, the stored bytes are encrypted.
 */
export function createExternalStorage(options: PayloadStoreOptions): ExternalStorage {
  const { client, index, url } = options;
  const blobs =
    client === undefined
      ? fileBlobs(`${filePathOf(url)}/payloads`)
      : elasticsearchBlobs(client, `${index}-payloads`);
  return new ExternalStorage({
    drivers: [driverOf(blobs)],
    payloadSizeThreshold: INLINE_BYTES,
  });
}

const { Payload: Wire } = temporal.api.common.v1;

const driverOf = (blobs: Blobs) => ({
  name: 'release-prep',
  type: 'release-prep.blobs',
  store: (_context: unknown, payloads: Payload[]) =>
    withoutCauses(
      payloads.map(async (payload) => {
        const bytes = Wire.encode(payload).finish();
        if (bytes.byteLength > MAX_PAYLOAD_BYTES) {
          const message = `a payload of ${bytes.byteLength} bytes exceeds the limit of ${MAX_PAYLOAD_BYTES} bytes`;
          throw new UpstreamError('issue-store', message, { permanent: true });
        }
        const digest = nameOf(bytes);
        await blobs.write(digest, bytes);
        return new StorageDriverClaim({ digest });
      }),
    ),
  retrieve: (_context: unknown, claims: StorageDriverClaim[]) =>
    withoutCauses(claims.map(({ claimData }) => retrieve(blobs, claimData['digest'] ?? ''))),
});

/** The SDK writes causes into history, and that of a client quotes the answer whole. */
async function withoutCauses<Result>(work: Promise<Result>[]): Promise<Result[]> {
  try {
    return await Promise.all(work);
  } catch (error) {
    delete (error as Error).cause;
    throw error;
  }
}

/** Throws UpstreamError when the payload is missing or was changed. */
async function retrieve(blobs: Blobs, digest: string): Promise<Payload> {
  if (!DIGEST.test(digest))
    throw new UpstreamError('issue-store', 'the reference to a stored payload is not valid', {
      permanent: true,
    });
  const bytes = await blobs.read(digest);
  if (bytes === null) throw new UpstreamError('issue-store', `payload ${digest} is not stored`);
  if (nameOf(bytes) !== digest) {
    throw new UpstreamError('issue-store', `payload ${digest} was changed after it was stored`, {
      permanent: true,
    });
  }
  return Wire.decode(bytes);
}

const nameOf = (bytes: Uint8Array): string =>
  `sha256-${createHash('sha256').update(bytes).digest('hex')}`;
