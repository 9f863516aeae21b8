/** Runs a task when its turn has come. */
export type Limit = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** Lets `most` tasks of a key run at once, the others wait in order. */
export function createLimit(most: number): Limit {
  const running = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();
  const acquire = async (key: string): Promise<void> => {
    const count = running.get(key) ?? 0;
    if (count < most) {
      running.set(key, count + 1);
      return;
    }
    await new Promise<void>((resolve) => waiting.set(key, [...(waiting.get(key) ?? []), resolve]));
  };
  const release = (key: string): void => {
    const [next, ...others] = waiting.get(key) ?? [];
    waiting.set(key, others);
    if (next === undefined) running.set(key, (running.get(key) ?? 1) - 1);
    else next();
  };
  return async (key, task) => {
    await acquire(key);
    try {
      return await task();
    } finally {
      release(key);
    }
  };
}
