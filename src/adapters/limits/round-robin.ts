/** Waiting entries, a queue for each key; the keys take turns. */
export type Turns<Entry> = {
  /** Whose turn it is. */
  next(): { key: string; entry: Entry } | undefined;
  /** Removes the entry that `next` returned; its key goes to the end. */
  take(key: string): void;
  add(key: string, entry: Entry): void;
  remove(key: string, entry: Entry): void;
};

export function createTurns<Entry>(): Turns<Entry> {
  /** In the order of their turns. */
  const queues = new Map<string, Entry[]>();
  return {
    next() {
      for (const [key, [entry]] of queues) if (entry !== undefined) return { key, entry };
      return undefined;
    },
    take(key) {
      const [, ...left] = queues.get(key) ?? [];
      queues.delete(key);
      if (left.length > 0) queues.set(key, left);
    },
    add(key, entry) {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [entry]);
      else queue.push(entry);
    },
    remove(key, entry) {
      const left = queues.get(key)?.filter((one) => one !== entry) ?? [];
      if (left.length > 0) queues.set(key, left);
      else queues.delete(key);
    },
  };
}
