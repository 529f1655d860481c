import { checkNeighbours } from '../../src/activities/claim-release';
import type { ReleaseLock } from '../../src/adapters/release-lock-client';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import type { RolloutDocument } from '../../src/domain/knowledge/rollout-document';

const policy = (id: string, neighbour_hops: number) =>
  ({ id, neighbour_hops, kind: [], when: [], freezes: [] }) as unknown as RolloutDocument;
const knowledge = {
  rollout: [policy('standard', 1), policy('careful', 2)],
  services: [],
  technologies: [],
  risks: [],
} as unknown as Knowledge;

const chain = {
  upstream: [
    { service: 'next', hops: 1 },
    { service: 'one-after', hops: 2 },
  ],
  downstream: [],
};

/** Which services a lock was asked for. */
async function askedWith(planned: string | undefined): Promise<string[]> {
  const asked: string[] = [];
  const releaseLock = {
    holdersOf: async (services: readonly string[]) => {
      asked.push(...services);
      return [];
    },
  } as unknown as ReleaseLock;
  await checkNeighbours({ knowledge, releaseLock }, { service: 'a', hosts: 3, planned, chain });
  return asked;
}

it('looks as far as the planned policy says, which is not always the one that name and size tell', async () => {
  expect(await askedWith('careful')).toEqual(['next', 'one-after']);
  expect(await askedWith('standard')).toEqual(['next']);
});
