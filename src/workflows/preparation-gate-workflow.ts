import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { GATE } from '../domain/names';
import type { GateAnswer, GateEntry, GateRequest } from '../domain/gate-request';
import { admit } from '../steps/claims/gate-admission';
import { parseGateRequest, readEntries } from '../steps/claims/parse-gate-request';
import { validatorOf } from './message-handlers';

const enterUpdate = defineUpdate<GateAnswer, [GateRequest]>(GATE.enter);

/** A new worker replays this many in about 30 ms; with long lists Temporal suggests a new run earlier. */
const MAX_ENTRIES_IN_HISTORY = 200;

/**
 * Lets in at most `limit` preparations of one task queue: Temporal takes the updates of one workflow one after the
 * other, so two requests at the same time cannot both take the last place. Lives as long as its task queue.
 */
export async function PreparationGateWorkflow(entries?: GateEntry[]): Promise<void> {
  let inside = readEntries(entries);
  let asked = 0;
  setHandler(
    enterUpdate,
    (request): GateAnswer => {
      asked += 1;
      const { admitted, entries: now } = admit(inside, request);
      inside = now;
      return { admitted, entries: admitted ? [] : now };
    },
    {
      description: 'asks to be let in, as one of at most `limit`',
      validator: validatorOf(GATE.enter, parseGateRequest),
    },
  );
  await condition(() => asked >= MAX_ENTRIES_IN_HISTORY || workflowInfo().continueAsNewSuggested);
  await condition(allHandlersFinished);
  await continueAsNew<typeof PreparationGateWorkflow>(inside);
}

/** Like the claims, it moves on to each new version of the workers. */
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName
      ? { versioningBehavior: 'AUTO_UPGRADE' }
      : {},
  PreparationGateWorkflow,
);
