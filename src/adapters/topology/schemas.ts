import { otel } from './otel';
import type { TopologySchema } from './schema';

/** All schemas; the order of SCHEMA_IDS (schema.ts) decides between two that hold equally new data. */
export const SCHEMAS: readonly TopologySchema[] = [otel];
