import { createOutcomes } from '../../src/workflows/step-outcomes';

const failing = (message: string) => () => Promise.reject(new Error(message));

it('runs a step once, however often the flow is walked', async () => {
  const outcomes = createOutcomes();
  let runs = 0;
  const step = () => outcomes.once('step', async () => (runs += 1));
  expect(await Promise.all([step(), step()])).toEqual([1, 1]);
  expect(await step()).toBe(1);
});

it('keeps a failure until it is forgotten, and lists failures in their order', async () => {
  const outcomes = createOutcomes();
  await expect(outcomes.once('b', failing('first'))).rejects.toThrow('first');
  await expect(outcomes.once('a', failing('second'))).rejects.toThrow('second');
  await expect(outcomes.once('a', async () => 'not run')).rejects.toThrow('second');
  expect([...outcomes.failures().keys()]).toEqual(['b', 'a']);
  outcomes.forget('a');
  expect(await outcomes.once('a', async () => 'mended')).toBe('mended');
  expect([...outcomes.failures().keys()]).toEqual(['b']);
});

it('keeps a whole only when it succeeded, and its steps one by one', async () => {
  const outcomes = createOutcomes();
  let first = 0;
  let broken = true;
  const whole = () =>
    outcomes.whole('whole', async () => {
      await outcomes.once('first', async () => (first += 1));
      return outcomes.once('second', async () => {
        if (broken) throw new Error('down');
        return 'done';
      });
    });
  await expect(whole()).rejects.toThrow('down');
  expect([...outcomes.failures().keys()]).toEqual(['second']);
  broken = false;
  outcomes.forget('second');
  expect(await whole()).toBe('done');
  expect(await whole()).toBe('done');
  expect(first).toBe(1);
});
