/**
 * When a watch is told how far it has come: about every minute, and shortly before its end, so that its client knows from
 * where to go on. Source: k8s.io/apiserver/pkg/storage/cacher (bookmarkFrequency, cacheWatcher.nextBookmarkTime).
 */
import type { ServedClock } from './clock.ts';

const everyMs = 60_000;
const beforeEndMs = 2_000;

/** Milliseconds from the beginning of a watch at which its next bookmark is due; none is after the last one. */
function nextBookmarkMs(nowMs: number, endMs: number): number | undefined {
  const dueMs = Math.min(nowMs + everyMs, endMs - beforeEndMs);
  return dueMs > nowMs ? dueMs : undefined;
}

/** Sends a watch of such a length its bookmarks until the returned function is called. */
export function sendBookmarks(
  clock: Pick<ServedClock, 'after'>,
  lengthMs: number,
  send: () => void,
): () => void {
  let takeBack = (): void => {};
  const plan = (nowMs: number): void => {
    const dueMs = nextBookmarkMs(nowMs, lengthMs);
    if (dueMs === undefined) return;
    takeBack = clock.after(dueMs - nowMs, () => {
      send();
      plan(dueMs);
    });
  };
  plan(0);
  return () => takeBack();
}
