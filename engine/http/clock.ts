/**
 * How virtual time passes while a cluster is served: as the wall clock does, or, frozen, only as far as each request's
 * work needs. The one place of the engine that waits on the machine's clock.
 */
import type { HttpBackend } from './backend.ts';

/** Drives a served cluster's clock and tells streams when something may have happened. */
export interface ServedClock {
  /** To be called after everything that a client did: runs what it caused. */
  ran(): void;
  /** Calls back whenever virtual time may have moved; the returned function ends it. */
  onChange(listener: () => void): () => void;
  /** Calls back once after so much of the wall clock's time; the returned function takes it back. */
  after(ms: number, action: () => void): () => void;
  stop(): void;
}

/** How often time moves: often enough that a person sees no steps. */
const tickMs = 50;
/** A cluster made shortly before is brought up to the wall clock; one made long ago keeps its distance. */
const longestCatchUpMs = 3_600_000;

/** One turn of the clock is ended after so long, so that what a client set going holds up no other client for ever. */
const longestTurnMs = 2_000;

/** Starts the clock. */
export function startClock(backend: HttpBackend, isFrozen: boolean): ServedClock {
  const listeners = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  const behindMs = Date.now() - backend.now();
  const distanceMs = behindMs >= 0 && behindMs <= longestCatchUpMs ? 0 : behindMs;
  let turnEndsMs = Number.POSITIVE_INFINITY;
  backend.interruptWhen?.(() => Date.now() > turnEndsMs);
  const move = (): void => {
    turnEndsMs = Date.now() + longestTurnMs;
    if (isFrozen) backend.settle();
    // Time that a long run of events or a sleeping machine took is made up for; time never goes back.
    else backend.advance(Math.max(0, Date.now() - distanceMs - backend.now()));
    turnEndsMs = Number.POSITIVE_INFINITY;
    for (const listener of [...listeners]) listener();
  };
  move();
  const ticking = isFrozen ? undefined : setInterval(move, tickMs);
  return {
    ran: move,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    after(ms, action) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        action();
      }, ms);
      timers.add(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer);
      };
    },
    stop() {
      clearInterval(ticking);
      for (const timer of timers) clearTimeout(timer);
      listeners.clear();
    },
  };
}
