import type { DataConverter } from '@temporalio/common';
import { withMeteredPayloads } from '../adapters/telemetry/payload-meter';
import type { Config } from '../config/config';
import { encryptionKeysOf } from '../config/encryption';
import { createDataConverter } from '../temporal/data-converter';
import { issueStoreOptionsOf } from './create-issue-store';

/**
 * How payloads travel: encrypted if keys are configured; large ones are stored with the issues. Commands that only ask
 * Temporal load this file without the adapters of the activities, which take longer to load than the answer.
 */
export const dataConverterOf = (config: Config): DataConverter =>
  withMeteredPayloads(createDataConverter(issueStoreOptionsOf(config), encryptionKeysOf(config)));
