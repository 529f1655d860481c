import { isPermit, permitFor, type HostAction } from '../../src/guard/permit';
import { stateOf } from '../../src/guard/guard';
import { approve, at, deploy, DIGEST, guardedIssue } from './guarded-issue';

const issue = guardedIssue();
const first: HostAction = {
  ...{ type: 'deploy', batch_id: 1, host_ids: ['h1'], version: 'v2', digest: DIGEST },
};

it('gives a permit for what the issue allows, and the refusal for what it does not', () => {
  const permit = permitFor(issue, stateOf([approve(0)]), first, at(5));
  expect(isPermit(permit)).toBe(true);
  expect(permit).toMatchObject({ digest: DIGEST, service: 'cart', batch_id: 1, action: first });
  const refusal = permitFor(issue, stateOf([]), first, at(5));
  expect(refusal).toMatchObject({ allowed: false, code: 'NotApproved' });
  expect(isPermit(refusal)).toBe(false);
});

it('names the batch that was deployed last for what follows a deploy', () => {
  const rollback: HostAction = {
    ...{ type: 'rollback', host_ids: ['h1'], version: 'v1', digest: DIGEST },
  };
  expect(permitFor(issue, stateOf([approve(0), deploy(1, 5)]), rollback, at(9))).toMatchObject({
    batch_id: 1,
  });
});

it('takes neither a copy nor an assertion for a permit, and lets nobody change one', () => {
  const hosts = ['h1'];
  const permit = permitFor(issue, stateOf([approve(0)]), { ...first, host_ids: hosts }, at(5));
  expect(isPermit({ ...permit })).toBe(false);
  expect(isPermit(structuredClone(permit))).toBe(false);
  expect(isPermit({ allowed: true, action: first })).toBe(false);
  hosts.push('h2');
  expect(permit).toMatchObject({ action: { host_ids: ['h1'] } });
  expect(() => ((permit as { digest: string }).digest = 'x')).toThrow(TypeError);
});

it('gives none for an action that changes no host', () => {
  const abort = { type: 'abort', digest: DIGEST } as unknown as HostAction;
  expect(permitFor(issue, stateOf([approve(0)]), abort, at(5))).toMatchObject({
    code: 'UnknownAction',
  });
});
