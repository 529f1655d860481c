import { mayColour } from '../../../src/adapters/terminal/colours';

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ CI: 'true' }, false, false],
  [{ CI: 'true', FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
])('with %j and a terminal: %s, colours are %s', (env, terminal, colours) => {
  expect(mayColour(env, terminal)).toBe(colours);
});
