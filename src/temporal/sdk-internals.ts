/**
 * Two parts of the Temporal SDK that have no public export in 1.24; ESLint allows a path inside a package only here.
 * - `ExternalStorageRunner` resolves references to stored payloads. The public `StorageDriver` reads bytes, but how a
 *   reference is written into a payload is known to the SDK only.
 * - `decodeOptionalFailureToOptionalError` reads a failure of a history through codecs and failure converter. The public
 *   converter reads failures that are not encoded.
 *
 * `@temporalio/*` is pinned to `~1.24`; test/cli/commands/codec.test.ts and test/integration/workflows/resume.test.ts fail if either moves.
 */
export { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
export { ExternalStorageRunner } from '@temporalio/common/lib/internal-non-workflow/external-storage-runner';
