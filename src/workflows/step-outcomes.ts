/** The outcomes of a run's steps; a run that continues after a failure does not repeat steps that succeeded. */
export type Outcomes = ReturnType<typeof createOutcomes>;

/** Keeps the outcome of each step by name, so that the flow can run again from its start. */
export function createOutcomes() {
  const kept = new Map<string, Promise<unknown>>();
  const failures = new Map<string, unknown>();

  return {
    /** Runs a step the first time it is asked for, and again after it was forgotten; otherwise returns its kept outcome. */
    once<Outcome>(name: string, body: () => Promise<Outcome>): Promise<Outcome> {
      const known = kept.get(name);
      if (known !== undefined) return known as Promise<Outcome>;
      const outcome = body();
      kept.set(name, outcome);
      // Callers get the failure from the promise; this only lists what failed.
      outcome.catch((error: unknown) => failures.set(name, error));
      return outcome;
    },
    /** The same for a part that is made of steps: only its success is kept, its steps keep their own failures. */
    async whole<Outcome>(name: string, body: () => Promise<Outcome>): Promise<Outcome> {
      const known = kept.get(name);
      if (known !== undefined) return known as Promise<Outcome>;
      const outcome = await body();
      kept.set(name, Promise.resolve(outcome));
      return outcome;
    },
    /** The steps that failed and were not forgotten, in the order of their failures. */
    failures: (): ReadonlyMap<string, unknown> => failures,
    forget: (name: string): void => {
      kept.delete(name);
      failures.delete(name);
    },
  };
}
