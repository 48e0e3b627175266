/**
 * Work queues on virtual time. Source: client-go/util/workqueue: keys are handled once however often they are added, a key
 * added while it is handled comes again afterwards, failures come back with growing delays.
 */
import type { EventQueue } from '../base/event-queue.ts';
import { invariant } from '../base/result.ts';
import type { ReconcileOutcome, Workqueue } from './client.ts';

/** What changes in one work queue. */
export interface WorkqueueState {
  /** Keys that wait to be handled, with the id of the event that will handle them. */
  readonly waiting: Map<string, WaitingKey>;
  /** How often each key failed in a row. */
  readonly failures: Map<string, number>;
}

interface WaitingKey {
  readonly event: number;
  readonly dueMs: number;
  readonly background: boolean;
}

/** The state of a queue without keys. */
export function workqueueState(): WorkqueueState {
  return { waiting: new Map(), failures: new Map() };
}

/** Delays of the default controller rate limiter. Source: client-go/util/workqueue/default_rate_limiters.go. */
const firstDelayMs = 5;
const longestDelayMs = 1_000_000;
/** A retry that is further away than this is no longer what rest waits for: what fails for ever must not hold it up. */
const restDelayMs = 1000;

/** Makes a queue whose keys are handled by `reconcile`, each in an event of its own. */
export function createWorkqueue(
  deps: { readonly queue: EventQueue; readonly name: string },
  state: WorkqueueState,
  reconcile: (key: string) => ReconcileOutcome,
): Workqueue {
  const { queue } = deps;
  const kind = `workqueue/${deps.name}`;
  const enqueue = (key: string, delayMs: number, background: boolean): void => {
    const dueMs = queue.now() + delayMs;
    const waiting = state.waiting.get(key);
    if (waiting !== undefined) {
      // The earlier of two times counts; work that rest waits for stays such.
      if (waiting.dueMs <= dueMs && (background || !waiting.background)) return;
      queue.cancel(waiting.event);
    }
    const isBackground = background && (waiting?.background ?? true);
    const at = Math.min(dueMs, waiting?.dueMs ?? dueMs);
    const event = queue.schedule({
      kind,
      payload: key,
      delayMs: at - queue.now(),
      background: isBackground,
    });
    state.waiting.set(key, Object.freeze({ event, dueMs: at, background: isBackground }));
  };
  queue.on(kind, (payload) => {
    invariant(typeof payload === 'string', 'a work queue holds keys');
    state.waiting.delete(payload);
    const outcome = reconcile(payload);
    if (outcome === 'retry') {
      const failures = state.failures.get(payload) ?? 0;
      state.failures.set(payload, failures + 1);
      const delayMs = Math.min(firstDelayMs * 2 ** failures, longestDelayMs);
      enqueue(payload, delayMs, delayMs > restDelayMs);
      return;
    }
    state.failures.delete(payload);
    if (outcome !== 'done') enqueue(payload, outcome.requeueAfterMs, outcome.background ?? false);
  });
  return {
    add: (key) => enqueue(key, 0, false),
    addAfter: (key, delayMs, options) => enqueue(key, Math.max(0, delayMs), options?.background ?? false),
  };
}
