/**
 * An action whose code is loaded when its command runs. `--help`, a typo and `show` then start without the clients of
 * Temporal, Elasticsearch and models, which take more than a second of CPU to load.
 */
export const later =
  <Args extends unknown[]>(load: () => Promise<(...args: Args) => unknown>) =>
  async (...args: Args): Promise<void> => {
    await (
      await load()
    )(...args);
  };
