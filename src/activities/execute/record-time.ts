/** Two times in milliseconds since 1970. `clock`: what the worker's own clock showed meanwhile. */
export type RecordedTime = { given: number; clock: number };

/** Puts a time into the history: it is given back on each replay, whatever time the replay would give. */
export const recordTime = (given: number): Promise<RecordedTime> =>
  Promise.resolve({ given, clock: Date.now() });
