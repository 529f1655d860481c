import { apm } from './apm';
import { apmMetrics } from './apm-metrics';
import { dataPrepper, ss4o } from './data-prepper';
import { dataPrepperMap } from './data-prepper-map';
import { jaeger } from './jaeger';
import { jaegerDependencies } from './jaeger-dependencies';
import { logSchemas } from './logs';
import { otel } from './otel';
import { otelEcs } from './otel-ecs';
import { otelNone, otelRaw } from './otel-none';
import type { TopologySchema } from './topology-schema';
import { skywalking } from './skywalking';
import { zipkin } from './zipkin';
import { zipkinDependency } from './zipkin-dependency';

/** All schemas; the order of SCHEMA_IDS (topology-schema.ts) decides between schemas with equally recent data. Logs have several formats. */
export const SCHEMAS: readonly TopologySchema[] = [
  apm,
  otel,
  jaeger,
  otelEcs,
  otelNone,
  otelRaw,
  dataPrepper,
  ss4o,
  zipkin,
  apmMetrics,
  skywalking,
  jaegerDependencies,
  zipkinDependency,
  dataPrepperMap,
  ...logSchemas,
];
