/** Following something that goes on: until it ends, until Ctrl-C, or until it has been silent for long. */
import type { KubectlHost } from './host.ts';

/**
 * Lets time pass while something is followed.
 *
 * @param isOver looked at whenever something happened; it takes up what came.
 * @param count how much has come so far; while it grows the silence is broken.
 */
export async function follow(host: KubectlHost, isOver: () => boolean, count: () => number): Promise<void> {
  for (;;) {
    const before = count();
    const hasNews = () => isOver() || count() !== before;
    const outcome = await host.waitUntil(hasNews, host.longestSilenceMs);
    if (outcome !== 'done' || isOver()) return;
  }
}
