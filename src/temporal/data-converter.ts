import type { DataConverter } from '@temporalio/common';
import { createEncryptionCodec } from '../adapters/payload-codec/encryption-codec';
import type { NamedKey } from '../adapters/named-key';
import {
  createExternalStorage,
  type PayloadStoreOptions,
} from '../adapters/payload-store/payload-store';

/** Loaded by its path, here and by the bundler. */
const ENCODED_FAILURES = require.resolve('../workflows/converters/failure-converter');

/**
 * How payloads travel; client, worker and executor must use the same. With keys all of them are encrypted, and so are
 * messages and stack traces of failures; payloads over 256 KiB are then stored, encrypted, with the issues.
 */
export const createDataConverter = (
  store: PayloadStoreOptions,
  keys: readonly NamedKey[],
): DataConverter => ({
  externalStorage: createExternalStorage(store),
  // Also without keys: its error names the key that an encrypted payload needs.
  payloadCodecs: [createEncryptionCodec(keys)],
  ...(keys.length > 0 && { failureConverterPath: ENCODED_FAILURES }),
});

/** Whether a worker with this converter needs the workflow bundle whose failures travel as payloads. */
export const encodesFailures = ({ failureConverterPath }: DataConverter): boolean =>
  failureConverterPath !== undefined;
