/** Wall time as a question that can be asked in the midst of synchronous work, when no timer gets its turn. */

/** Starts a clock; the answer is whether `ms` milliseconds have passed since. */
export function startDeadline(ms: number): () => boolean {
  const endMs = performance.now() + ms;
  return () => performance.now() > endMs;
}
