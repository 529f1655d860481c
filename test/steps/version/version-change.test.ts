import { changesOf } from '../../../src/steps/version/version-change';

it.each([
  ['v1.0.0', 'v2.0.0', ['major']],
  ['v1.0.0', 'v1.1.0', ['minor']],
  ['1.4', '1.5', ['minor']],
  ['v1.0.0', 'v1.0.1', ['patch']],
  ['v1.1.0', 'v1.0.9', ['downgrade']],
  ['v2.0.0', 'v2.0.0-rc.1', ['downgrade', 'prerelease']],
  ['v1.9.0', 'v2.0.0-rc.1', ['major', 'prerelease']],
  ['v2.0.0-rc.1', 'v2.0.0-rc.2', ['patch', 'prerelease']],
  ['v1.0.0+build.1', 'v1.0.0+build.2', ['same']],
  ['checkout-v1.2.3', 'checkout-v1.3.0', ['minor']],
  ['', 'v1.0.0', ['unknown']],
  ['2025.11.23', '2025.11.24', ['unknown']],
  ['20251123', '20251124', ['unknown']],
  ['2025-11-23', '2025-11-24', ['unknown']],
  ['9f2c1ab', '81e7710', ['unknown']],
  ['1041', '1042', ['unknown']],
  ['latest', 'latest', ['unknown']],
])('%s → %s is %j', (current, candidate, changes) => {
  expect(changesOf(current, candidate)).toEqual(changes);
});
