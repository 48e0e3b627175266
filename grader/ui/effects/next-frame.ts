/** Ink draws at most thirty times a second; after this long, what was dispatched is on screen. */
const frameMs = 40;

/** Waits until what was dispatched is on screen. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, frameMs);
  });
}
