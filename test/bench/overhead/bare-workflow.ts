/** A workflow that does nothing but call as many activities, in the same order, as ReleasePrepWorkflow. */
import { proxyActivities } from '@temporalio/workflow';

const { wait } = proxyActivities<{ wait(ms: number): Promise<void> }>({
  startToCloseTimeout: '1m',
});

/** `delayMs`: how long each takes that asks an upstream; the claim asks none. */
export async function BareWorkflow({ delayMs }: { delayMs: number }): Promise<void> {
  const step = () => wait(delayMs);
  await step(); // verifyVersion
  await wait(0); // claimRelease
  const risks = step().then(step); // traceServiceChain, predictRisks
  const metrics = step().then(async () => {
    await risks;
    await step(); // selectMetrics
    await step(); // setThresholds
  });
  await Promise.all([risks, metrics, step()]); // after shortlistMetrics, beside planGrayStrategy
  await step(); // recordIssue
  await step(); // confirmRelease
  await step(); // deliverIssue
}
