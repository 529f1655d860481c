import type { Candidate } from './schema-candidates';

/** The candidate whose documents about a service are those of one environment or namespace, as far as they tell. */
export function placedCandidate(candidate: Candidate, place: string | undefined): Candidate {
  const { schema } = candidate;
  if (place === undefined || schema.kind !== 'spans' || schema.inPlace === undefined)
    return candidate;
  const { inPlace } = schema;
  return {
    ...candidate,
    schema: {
      ...schema,
      about: (service, resolve) => ({
        bool: { filter: [schema.about(service, resolve), inPlace(place, resolve)] },
      }),
    },
  };
}
