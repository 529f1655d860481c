import { apmMetrics } from './apm-metrics';
import { jaegerDependencies } from './jaeger-dependencies';
import { logSchemas } from './logs';
import { otel } from './otel';
import type { TopologySchema } from './schema';
import { skywalking } from './skywalking';
import { zipkinDependency } from './zipkin-dependency';

/** All schemas; the order of SCHEMA_IDS (schema.ts) decides between two that hold equally new data. Logs have several formats. */
export const SCHEMAS: readonly TopologySchema[] = [
  otel,
  apmMetrics,
  skywalking,
  jaegerDependencies,
  zipkinDependency,
  ...logSchemas,
];
