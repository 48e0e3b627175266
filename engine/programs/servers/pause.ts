/** The pause container: holds a Pod's network namespace and ends at the first signal that asks it to. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** pause. */
export const pause: Program = function* ({ resume }) {
  if (resume === undefined) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) yield* sys.setSignal(signal, { exitCode: 0 });
  }
  for (;;) {
    yield* sys.checkpoint({ at: 'waiting' });
    yield* sys.sleep(86_400_000);
  }
};
