/** Comes back when the event loop has turned: what waits for it, starting a program or hearing of its end, goes first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
