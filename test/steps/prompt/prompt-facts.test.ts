import { promptFacts } from '../../../src/steps/prompt/prompt-facts';

it('cleans every text, keys too, and leaves structure', () => {
  expect(promptFacts({ 'a\u200B': ['x\ny', 1, null, true, { b: '\u202Ez' }] })).toEqual({
    a: ['x y', 1, null, true, { b: 'z' }],
  });
});

it('names the keys of alike objects once', () => {
  const rules = [1, 2, 3, 4].map((n) => ({ id: `r${n}`, level: n / 3, bounds: { min: 0 } }));
  expect(promptFacts({ rules })).toEqual({
    rules: {
      columns: ['id', 'level', 'bounds'],
      rows: [
        ['r1', 0.333333, { min: 0 }],
        ['r2', 0.666667, { min: 0 }],
        ['r3', 1, { min: 0 }],
        ['r4', 1.33333, { min: 0 }],
      ],
    },
  });
});

it('leaves lists of few or of different objects as they are', () => {
  const few = [{ a: 1 }, { a: 2 }];
  const mixed = [{ a: 1 }, { b: 2 }, { a: 3 }, { a: 4 }];
  expect(promptFacts({ few, mixed })).toEqual({ few, mixed });
});
