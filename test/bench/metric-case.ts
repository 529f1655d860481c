import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import { MetricType } from '../../src/domain/metrics';
import { kindOfText } from '../../src/steps/knowledge/lookup';

/** What the benchmark tells of a service and its Prometheus; what experts chose is left to the scorer. */
const MetricCase = z.object({
  id: z.string(),
  service: z.object({ name: z.string(), kind: z.string(), description: z.string() }),
  catalogue: z.array(
    z.object({
      name: z.string(),
      type: MetricType,
      help: z.string(),
      unit: z.string().default(''),
    }),
  ),
  series_names: z.array(z.string()),
});
export type MetricCase = z.infer<typeof MetricCase>;

export const readCase = (file: string): MetricCase =>
  MetricCase.parse(JSON.parse(readFileSync(file, 'utf8')));

/**
 * The knowledge base with a profile for the service, as its user would write it. `withoutKind`: as if nobody had
 * written about its technology; its document, and so its other names, are gone, and the service is of the kind that
 * the document built on.
 */
export function knowledgeFor(
  { service }: MetricCase,
  knowledge: Knowledge,
  { withoutKind }: { withoutKind: boolean },
): { knowledge: Knowledge; kind: string } {
  const id = kindOfText(service.kind, knowledge) ?? 'general';
  const own = knowledge.technologies.find((document) => document.id === id);
  const technologies = withoutKind
    ? knowledge.technologies
        .filter((document) => document !== own)
        .map((document) => ({ ...document, extends: document.extends.filter((e) => e !== id) }))
    : knowledge.technologies;
  const kind = withoutKind ? (own?.extends[0] ?? 'general') : id;
  const profile = {
    service: service.name,
    kind,
    description: `${service.kind}: ${service.description}`,
    depends_on: [],
    risks: [],
    pinned_metrics: [],
    path: 'services/bench.md',
    prose: '',
  };
  return { knowledge: { ...knowledge, technologies, services: [profile] }, kind };
}
