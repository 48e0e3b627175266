/** The process that does nothing but hold a Pod's network namespace. Source: build/pause/linux/pause.c. */
import type { Program } from '../../net/process/syscalls.ts';

const yearMs = 365 * 86_400_000;

/** Sleeps until it is told to end. */
export const pause: Program = function* () {
  yield { call: 'setSignal', signal: 'SIGTERM', action: { exitCode: 0 } };
  yield { call: 'setSignal', signal: 'SIGINT', action: { exitCode: 0 } };
  for (;;) yield { call: 'sleep', ms: yearMs };
};
