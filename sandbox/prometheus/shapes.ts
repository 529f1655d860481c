/** SANDBOX: how the synthetic values move over the day, and what a fault adds to them. */
import type { Fault } from '../faults';

const DAY = 86_400;
const PHASE = (2 * Math.PI) / DAY;

/** A counter whose rate swings by 30 % over the day around `perSecond`. */
export const counter = (perSecond: number) => (t: number) =>
  perSecond * (t - 1.7e9 + (0.3 / PHASE) * (1 - Math.cos(PHASE * t)));

/** A gauge that swings over the day and trembles by the minute, the same at each reading. */
export const gauge = (mean: number, swing: number) => (t: number) => {
  const tremble = Math.sin(Math.floor(t / 60) * 12.9898) * 0.5;
  return mean * (1 + swing * (Math.sin(PHASE * t) + tremble * 0.3));
};

type At = (t: number) => number;

/** A counter that grows by so much more a second while its host is at fault; less, if it is negative. */
export const atFault = (fault: Fault, host: string, at: At, perSecond: number): At =>
  perSecond === 0 ? at : (t) => at(t) + perSecond * fault.secondsUntil(host, t);

/** A gauge that is so much higher while its host is at fault. */
export const higherAtFault = (fault: Fault, host: string, at: At, by: number): At =>
  by === 0 ? at : (t) => at(t) + (fault.holds(host, t) ? by : 0);
