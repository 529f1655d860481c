import type { Span } from '../../../domain/topology/span';
import type { Query, Resolve } from '../schemas/topology-schema';

/** Attributes of a resource that say where a service runs, the current name first. */
export const ENVIRONMENT = ['deployment.environment.name', 'deployment.environment'];
export const NAMESPACE = ['service.namespace', 'k8s.namespace.name'];
export const RESOURCE_ATTRIBUTES = [...ENVIRONMENT, ...NAMESPACE];

type ReadAttribute = (name: string) => string | null;
export type Whereabouts = Pick<Span, 'environment' | 'namespace'>;

export function whereaboutsOf(read: ReadAttribute): Whereabouts {
  const first = (names: readonly string[]) =>
    names.map(read).find((value) => value !== null) ?? undefined;
  const [environment, namespace] = [first(ENVIRONMENT), first(NAMESPACE)];
  return {
    ...(environment !== undefined && { environment }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Documents of an environment or namespace (`production`, `shop`, `production/shop`), and those that name none. */
export const withinPlace =
  (fields: readonly string[]) =>
  (place: string, resolve: Resolve): Query => ({
    bool: {
      filter: partsOf(place).map((part) => ({
        bool: {
          should: [
            ...fields.map((field) => ({ term: { [resolve(field)]: part } })),
            { bool: { must_not: fields.map((field) => ({ exists: { field } })) } },
          ],
          minimum_should_match: 1,
        },
      })),
    },
  });

export const partsOf = (place: string): string[] => place.split('/').filter((part) => part !== '');
