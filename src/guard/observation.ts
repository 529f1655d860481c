import type { State } from './state';

/** A time after which `ms` of observation are over: pauses do not count. Infinity during a pause. */
export function observedUntil(start: number, ms: number, pauses: State['pauses']): number {
  let end = start + ms;
  for (const { from, to = Infinity } of pauses)
    if (to > start && from < end) end += to - Math.max(from, start);
  return end;
}
