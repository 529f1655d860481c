import fc from 'fast-check';
import { resumePoint, type RunEvent } from '../../../src/steps/run/reset-point';

const events = (...kinds: RunEvent['kind'][]): RunEvent[] =>
  kinds.map((kind, i) => ({ id: i + 1, kind }));

it('is the end of the last workflow task, so that every answer before it is kept', () => {
  // started, task scheduled, started, completed, activity, task scheduled, started, completed, failed
  const failed = events(
    'other',
    'task',
    'task',
    'other',
    'other',
    'task',
    'task',
    'other',
    'other',
  );
  expect(resumePoint(failed, false)).toBe(8);
});

it('is right after a workflow task that was never started', () => {
  expect(resumePoint(events('other', 'task', 'task', 'other', 'task', 'other'), false)).toBe(6);
});

it('lies before the request that cancelled the run', () => {
  const cancelled = events(
    'other',
    'task',
    'task',
    'other',
    'cancel-requested',
    'task',
    'task',
    'other',
  );
  expect(resumePoint(cancelled, true)).toBe(4);
  expect(resumePoint(cancelled, false)).toBe(8);
});

it('is nowhere in a run without a workflow task', () => {
  expect(resumePoint(events('other', 'cancel-requested'), true)).toBeNull();
  expect(resumePoint([], false)).toBeNull();
});

it('never keeps the request of the cancellation, and never lies behind an event that is no task', () => {
  const kinds = fc.array(fc.constantFrom<RunEvent['kind'][]>('task', 'cancel-requested', 'other'));
  fc.assert(
    fc.property(kinds, fc.boolean(), (all, cancelled) => {
      const history = events('other', ...all);
      const point = resumePoint(history, cancelled);
      if (point === null) return;
      expect(history[point - 2]?.kind).toBe('task');
      const kept = history.slice(0, point - 1).map(({ kind }) => kind);
      if (cancelled) expect(kept).not.toContain('cancel-requested');
    }),
  );
});
