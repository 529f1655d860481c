import { renderClaim } from '../../../src/steps/claims/render-claim';

const holder = {
  service: 'cart',
  version: 'v1',
  workflow_id: 'release-prep/cart/v1',
  phase: 'releasing' as const,
  held_by: 'release/cart/v1',
  since: '2026-11-29T12:00:00.000Z',
  until: '2026-11-29T14:00:00.000Z',
};

it('names the holder, since when and until when', () => {
  expect(renderClaim({ holder, released: null })).toBe(
    'release/cart/v1 holds the service: v1 is releasing since 2026-11-29T12:00:00.000Z, until 2026-11-29T14:00:00.000Z.',
  );
});

it('names who freed it and why, and lets no text of others be Markdown', () => {
  const released = {
    by: '@everyone',
    reason: '[x](http://y)',
    at: '2026-11-29T13:00:00.000Z',
    holder,
  };
  expect(renderClaim({ holder: null, released })).toBe(
    'Freed by \\[@\\]everyone at 2026-11-29T13:00:00.000Z: \\[x\\](http\\[:\\]//y)\n\n' +
      'It was held by release-prep/cart/v1 (v1).\n\nNobody holds the service.',
  );
});
