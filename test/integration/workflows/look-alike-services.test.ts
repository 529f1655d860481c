import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { lookAlikeServices } from '../../../src/activities/look-alike-services';
import { createIssueStore } from '../../../src/adapters/issue-store/issue-store';
import { createReleaseLock } from '../../../src/adapters/release-lock-client';
import { workflowIdOf } from '../../../src/domain/names';
import { draft } from '../../fixtures/outcomes';
import { startBench, type Bench } from '../../fixtures/processes/release-worker';
import { waitUntil } from '../../fixtures/wait';

jest.setTimeout(120_000);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
}, 400_000);
afterAll(() => bench?.close());

const newStore = () =>
  createIssueStore({ url: `file:${mkdtempSync(path.join(os.tmpdir(), 'alike-'))}`, index: 'x' });

it('warns of a service whose name looks like one that has a claim or issues', async () => {
  const name = `cart-${randomUUID()}`;
  const [cyrillic, mixed] = [`c\u0430rt${name.slice(4)}`, `c\u0430\u0433t${name.slice(4)}`];
  const issueStore = newStore();
  await issueStore.record({ ...draft, service: mixed });
  await bench.withWorker({}, async (taskQueue) => {
    const releaseLock = createReleaseLock(bench.client, taskQueue);
    const deps = { releaseLock, issueStore };
    const id = workflowIdOf(cyrillic, 'v1');
    const holder = { service: cyrillic, version: 'v1', phase: 'preparing' as const };
    await releaseLock.claim({ holder: { ...holder, workflow_id: id, held_by: id, until: null } });
    // Temporal's index follows its database.
    await waitUntil(
      () => releaseLock.heldServices(10),
      (held) => held.includes(cyrillic),
    );
    expect(await lookAlikeServices(deps, name)).toEqual([
      {
        step_name: 'VersionCheck',
        code: 'LookAlikeName',
        message: `the service ${JSON.stringify(name)} looks like ${JSON.stringify(cyrillic)}, which is being prepared or released now: make sure that it is not the same service in another spelling`,
      },
      expect.objectContaining({ message: expect.stringContaining('which has recorded issues') }),
    ]);
    expect(await lookAlikeServices(deps, `basket-${randomUUID()}`)).toEqual([]);
    // A claim of another installation is no claim of this one.
    const elsewhere = createReleaseLock(bench.client, `other-${taskQueue}`);
    expect(await elsewhere.heldServices(10)).toEqual([]);
  });
});

it('lets a preparation go on when neither Temporal nor the store answers', async () => {
  // Not closed: the client tries once more after the answer, on a channel that must be there.
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const releaseLock = createReleaseLock(new Client({ connection }), 'q');
  const issueStore = createIssueStore({ url: 'file:/dev/null/no-folder', index: 'x' });
  expect(await lookAlikeServices({ releaseLock, issueStore }, 'cart')).toEqual([]);
});
