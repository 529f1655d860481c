import { Outcome } from '../../../src/domain/records/outcome';
import { addEvent } from '../../../src/guard/state';
import { executableOf } from '../../../src/steps/execution/executable-issue';
import { outcomeOf } from '../../../src/steps/execution/release-outcome';
import {
  actionNoted,
  newRecord,
  nextAttempt,
  noted,
  type ReleaseRecord,
} from '../../../src/steps/execution/release-record';
import { stateView } from '../../../src/steps/execution/state-view';
import { addSamples, emptyTally, quantileOf } from '../../../src/steps/execution/tally';
import { smallIssue } from '../../fixtures/releases/small-release';

const AT = '2026-11-30T10:00:00.000Z';
const recordOf = (changes: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  ...newRecord(executableOf(smallIssue('cart')), AT),
  ...changes,
});
const ended = (record: ReleaseRecord, type: 'abort' | 'finish') => {
  addEvent(record.state, { type, at: AT });
  return record;
};

it('has the shape that is kept with the issue', () => {
  const outcome = outcomeOf(ended(recordOf(), 'finish'), AT);
  expect(Outcome.parse(outcome)).toEqual(outcome);
  expect(outcome).toMatchObject({ result: 'completed', risks: [{ happened: false }] });
});

it('says failed and recovered where a mitigation failed and the series came back', () => {
  const answered = [
    { action: 'restart', rule_id: 'memory/load', risk: 'memory_leak', succeeded: false },
  ];
  const [risk] = outcomeOf(ended(recordOf({ answered }), 'finish'), AT).risks;
  expect(risk).toMatchObject({ happened: true, mitigation: 'restart', mitigated: false });
});

it('needs a person where hosts are left, whatever else happened', () => {
  const outcome = outcomeOf(ended(recordOf({ left: ['h3'] }), 'abort'), AT);
  expect(outcome).toMatchObject({ result: 'needs_person', hosts_left: ['h3'] });
});

it('names who aborted it, and why', () => {
  const aborted = { by: 'Ana', reason: 'wrong version', rollback: false };
  expect(outcomeOf(ended(recordOf({ aborted }), 'abort'), AT)).toMatchObject({
    ...{ result: 'aborted', reason: { code: 'Aborted', text: 'Ana: wrong version' } },
  });
});

it('keeps values of bounded number, evenly over the whole release', () => {
  const tally = emptyTally();
  const samples = Array.from({ length: 10_000 }, (_, value) => ({ at: AT, value }));
  addSamples(tally, samples);
  addSamples(tally, [
    { at: AT, value: 'NaN' },
    { at: AT, value: null },
  ]);
  expect(tally.values.length).toBeLessThanOrEqual(64);
  expect(Math.abs((quantileOf(tally, 0.5) ?? 0) - 5_000)).toBeLessThan(300);
  expect(quantileOf(emptyTally(), 0.5)).toBeNull();
});

it('keeps the newest events and actions, and counts attempts', () => {
  const record = recordOf();
  for (let number = 0; number < 1_000; number += 1) {
    noted(record, { at: AT, type: 'breach', text: String(number) });
    actionNoted(record, { at: AT, type: 'deploy', text: String(number) });
  }
  expect(record.events).toHaveLength(200);
  expect(record.events.at(-1)?.text).toBe('999');
  expect(record.actions.length).toBeLessThanOrEqual(500);
  expect([nextAttempt(record, 'a'), nextAttempt(record, 'a'), nextAttempt(record, 'b')]).toEqual([
    1, 2, 1,
  ]);
});

it('shows a release before its issue arrived, and after', () => {
  expect(stateView(undefined, 0)).toMatchObject({ phase: 'waiting_issue', issue_id: null });
  expect(stateView(recordOf(), 0)).toMatchObject({
    ...{ phase: 'waiting_approval', batch: 0, batches: 3 },
    hosts: { h1: { from: 'v1.0.0', to: 'v1.1.0', state: 'waiting' } },
  });
});

it('survives the way from one run to the next', () => {
  const record = ended(recordOf(), 'finish');
  const carried = JSON.parse(JSON.stringify(record)) as ReleaseRecord;
  expect(outcomeOf(carried, AT)).toEqual(outcomeOf(record, AT));
});
