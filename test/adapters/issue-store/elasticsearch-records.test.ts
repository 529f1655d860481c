import type { Client } from '@elastic/elasticsearch';
import { elasticsearchRecords } from '../../../src/adapters/issue-store/records/elasticsearch-records';

/** A server that cannot be made to lose a shard here: its answer as the API documents it. */
const answering = (error: object) =>
  elasticsearchRecords(
    { mget: () => Promise.resolve({ docs: [{ _id: 'a', error }] }) } as unknown as Client,
    'records',
  ).read('gate', 'cart-v1-r1', ['0']);

it('takes a missing index for no records', async () => {
  expect(await answering({ type: 'index_not_found_exception', reason: 'no such index' })).toEqual(
    [],
  );
});

it('takes a shard that does not answer for a fault that is tried again, not for a missing record', async () => {
  await expect(
    answering({ type: 'no_shard_available_action_exception', reason: null }),
  ).rejects.toMatchObject({ name: 'UpstreamError', permanent: false });
});
