import { Context } from '@temporalio/activity';
import { WARNING, STEP } from '../domain/names';
import type { Warning } from '../domain/step-result';
import { namesLike } from '../steps/version/skeleton';
import type { Deps } from './runtime/activity-deps';
import { inActivity } from './runtime/heartbeat';

/** Of one page of Temporal's index. */
const MAX_CLAIMS = 1_000;
const MAX_SHOWN = 3;
/** A hint is not worth a longer wait. */
const LIMIT_MS = 5_000;

/**
 * Warns of services with a claim or with issues whose names look like this one: they share neither. Without an answer of
 * Temporal or the store there is no warning, and the preparation goes on.
 */
export async function lookAlikeServices(
  { releaseLock, issueStore }: Pick<Deps, 'releaseLock' | 'issueStore'>,
  service: string,
): Promise<Warning[]> {
  const [held, recorded] = await Promise.all([
    inTime(releaseLock.heldServices(MAX_CLAIMS)),
    inTime(issueStore.services()),
  ]);
  return [
    ...said(service, held, 'which is being prepared or released now'),
    ...said(service, recorded, 'which has recorded issues'),
  ];
}

function said(service: string, others: string[], what: string): Warning[] {
  const alike = namesLike(service, others);
  if (alike.length === 0) return [];
  const names = alike.slice(0, MAX_SHOWN).map((name) => JSON.stringify(name));
  const more = alike.length > MAX_SHOWN ? ` and ${alike.length - MAX_SHOWN} more` : '';
  const message = `the service ${JSON.stringify(service)} looks like ${names.join(', ')}${more}, ${what}: make sure that it is not the same service in another spelling`;
  return [{ step_name: STEP.versionCheck, code: WARNING.lookAlikeName, message }];
}

async function inTime(names: Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([names, late]);
  } catch (error) {
    if (inActivity())
      Context.current().log.warn('names that look alike could not be read', { error });
    return [];
  } finally {
    clearTimeout(timer);
  }
}
