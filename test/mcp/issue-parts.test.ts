import { issuePart, PARTS } from '../../src/mcp/issue-parts';
import { sampleIssue } from '../fixtures/arbitrary-issue';

type Plan = {
  batches: { items: { hosts: number; host_ids: { items: string[]; left_out?: number } }[] };
};
const MOST = 24_000;
const fits = (answer: object) => JSON.stringify(answer, null, 2).length <= MOST;

/** 10,000 hosts with long names, in 20 batches. */
function large() {
  const issue = sampleIssue();
  const strategy = issue.steps[2].details.gray_strategy;
  const [batch] = strategy.batches;
  if (batch === undefined) throw new Error('no batch');
  strategy.batches = Array.from({ length: 20 }, (_, at) => ({
    ...{ ...batch, batch_id: at + 1 },
    hosts: Array.from({ length: 500 }, (_none, host) => ({
      host_id: `höst-${at}-${host}.${'zone.'.repeat(10)}internal`,
      host_ip: '10.0.0.1',
    })),
  }));
  return issue;
}

it('cuts lists until a part fits, and says what is left out', () => {
  const issue = large();
  for (const part of PARTS)
    expect([part, fits(issuePart(issue, { part, fits }))]).toEqual([part, true]);
  const { batches } = issuePart(issue, { part: 'plan', fits }) as Plan;
  expect(batches.items.length).toBeGreaterThan(0);
  const [{ hosts, host_ids: ids }] = batches.items as [Plan['batches']['items'][0]];
  expect([hosts, ids.items.length + (ids.left_out ?? 0)]).toEqual([500, 500]);
});

it('gives one batch with more of its hosts, and says which there is not', () => {
  const { batches } = issuePart(large(), { part: 'plan', batchId: 2, fits }) as Plan;
  expect(batches.items).toHaveLength(1);
  expect(batches.items[0]?.host_ids.items.length).toBeGreaterThanOrEqual(250);
  expect(() => issuePart(large(), { part: 'plan', batchId: 21, fits })).toThrow('no batch 21');
});
