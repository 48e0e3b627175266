/**
 * The one source of time and order. Nothing in the engine waits on the machine's clock: what happens later is an
 * event with a due time, run in order of due time and then of scheduling.
 *
 * An event is data (a kind and a payload), its handler is code registered once per kind. So a queue can be
 * copied with the rest of a cluster's state.
 *
 * Foreground events are work that brings the cluster to rest (a pull, a reconcile). Background events are what
 * goes on for ever on a cluster at rest (a probe's period, a sleeping process, a lease). `settle` stops when only
 * background events are left; `advance` runs both.
 */
import type { JsonValue } from './json.ts';
import type { Limits } from './limits.ts';
import { invariant } from './result.ts';

/** Something that is due at a moment of virtual time. */
export interface QueuedEvent {
  readonly id: number;
  /** Virtual time in milliseconds since the Unix epoch. */
  readonly dueMs: number;
  /** `room/what`, for example `kubelet/image-pulled`. */
  readonly kind: string;
  readonly payload: JsonValue;
  readonly background: boolean;
}

/** What changes in an {@link EventQueue}. */
export interface EventQueueState {
  nowMs: number;
  nextId: number;
  /** A binary heap by due time, then id. Cancelled events stay in it until they come up. */
  heap: QueuedEvent[];
  /** The events that are scheduled and not cancelled: id to whether it is a background event. */
  live: Map<number, boolean>;
  foreground: number;
}

/** How a run of the queue ended. */
export interface RunOutcome {
  readonly events: number;
  readonly elapsedMs: number;
  /** `limit` when a bound of {@link Limits} ended the run with work still to do. */
  readonly ended: 'done' | 'limit';
}

/** What to schedule: see {@link EventQueue.schedule}. */
export interface ScheduleOptions {
  readonly kind: string;
  readonly payload?: JsonValue;
  /** Virtual milliseconds from now; 0 runs after everything that is due now already. */
  readonly delayMs?: number;
  readonly background?: boolean;
}

/** The first state of a queue whose clock starts at `startMs`. */
export function eventQueueState(startMs: number): EventQueueState {
  return { nowMs: startMs, nextId: 1, heap: [], live: new Map(), foreground: 0 };
}

/** See the head of this file. */
export class EventQueue {
  readonly #state: EventQueueState;
  readonly #limits: Limits;
  #handlers = new Map<string, (payload: JsonValue) => void>();
  #prefix = '';
  #isOver: () => boolean = () => false;

  constructor(state: EventQueueState, limits: Limits) {
    this.#state = state;
    this.#limits = limits;
  }

  /**
   * The same queue for a second set of parts like the first: their kinds of events carry a prefix, so that both can
   * register handlers. Runs are the first one's business; both stand at the same time.
   */
  scoped(prefix: string): EventQueue {
    const scoped = new EventQueue(this.#state, this.#limits);
    scoped.#handlers = this.#handlers;
    scoped.#prefix = this.#prefix + prefix;
    return scoped;
  }

  /** Virtual time in milliseconds since the Unix epoch. */
  now(): number {
    return this.#state.nowMs;
  }

  /** Registers the one handler of a kind of event; done once, when the parts are wired. */
  on(kind: string, handler: (payload: JsonValue) => void): void {
    const own = this.#prefix + kind;
    invariant(!this.#handlers.has(own), `two handlers for events of kind ${own}`);
    this.#handlers.set(own, handler);
  }

  /**
   * From now on a run ends (`limit`) between two events once `isOver` holds, whatever is still to do. It is how somebody
   * with a wall clock keeps work in bounds that no count of events tells: an event may be a packet or five hundred Pods.
   */
  interruptWhen(isOver: () => boolean): void {
    this.#isOver = isOver;
  }

  /** Schedules an event and returns its id, with which it can be cancelled. */
  schedule(options: ScheduleOptions): number {
    const state = this.#state;
    const event: QueuedEvent = Object.freeze({
      id: state.nextId,
      dueMs: state.nowMs + Math.max(0, options.delayMs ?? 0),
      kind: this.#prefix + options.kind,
      payload: options.payload ?? null,
      background: options.background ?? false,
    });
    state.nextId += 1;
    state.live.set(event.id, event.background);
    if (!event.background) state.foreground += 1;
    push(state.heap, event);
    return event.id;
  }

  /** Takes back an event; an id that ran already or never was is ignored. */
  cancel(id: number): void {
    const state = this.#state;
    if (state.live.get(id) === false) state.foreground -= 1;
    state.live.delete(id);
  }

  /** Whether foreground work is left. */
  isSettled(): boolean {
    return this.#state.foreground === 0;
  }

  /** When the next event is due, or undefined when nothing is scheduled at all. */
  nextDueMs(): number | undefined {
    this.#dropCancelled();
    return this.#state.heap[0]?.dueMs;
  }

  /** Runs the next event, moving the clock to its due time. Returns false when there is none. */
  step(): boolean {
    this.#dropCancelled();
    const state = this.#state;
    const event = pop(state.heap);
    if (event === undefined) return false;
    state.live.delete(event.id);
    if (!event.background) state.foreground -= 1;
    state.nowMs = Math.max(state.nowMs, event.dueMs);
    const handler = this.#handlers.get(event.kind);
    invariant(handler !== undefined, `no handler for events of kind ${event.kind}`);
    handler(event.payload);
    return true;
  }

  /** Runs events, letting virtual time pass, until no foreground event is left. */
  settle(): RunOutcome {
    return this.runUntil(() => this.isSettled(), this.#limits.maxSettleMs);
  }

  /** Lets `ms` virtual milliseconds pass, running everything that falls due, and ends exactly there. */
  advance(ms: number): RunOutcome {
    const until = this.#state.nowMs + ms;
    const outcome = this.runUntil(() => false, ms);
    if (this.#mustStop(outcome.events)) return { ...outcome, ended: 'limit' };
    this.#state.nowMs = Math.max(this.#state.nowMs, until);
    return { ...outcome, ended: 'done' };
  }

  /** Runs events until `done` holds, nothing is scheduled, or `maxMs` virtual milliseconds have passed. */
  runUntil(done: () => boolean, maxMs: number): RunOutcome {
    const startMs = this.#state.nowMs;
    let events = 0;
    while (!done()) {
      const due = this.nextDueMs();
      if (due === undefined || due > startMs + maxMs || this.#mustStop(events)) {
        return {
          events,
          elapsedMs: this.#state.nowMs - startMs,
          ended: due === undefined ? 'done' : 'limit',
        };
      }
      this.step();
      events += 1;
    }
    return { events, elapsedMs: this.#state.nowMs - startMs, ended: 'done' };
  }

  #mustStop(events: number): boolean {
    return events >= this.#limits.maxEventsPerRun || this.#isOver();
  }

  #dropCancelled(): void {
    const state = this.#state;
    for (let head = state.heap[0]; head !== undefined && !state.live.has(head.id); head = state.heap[0]) {
      pop(state.heap);
    }
  }
}

function isEarlier(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.id < b.id);
}

function push(heap: QueuedEvent[], event: QueuedEvent): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isEarlier(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function pop(heap: QueuedEvent[]): QueuedEvent | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const leftEvent = heap[left];
    const rightEvent = heap[left + 1];
    if (leftEvent === undefined) break;
    const useRight = rightEvent !== undefined && isEarlier(rightEvent, leftEvent);
    const child = useRight ? rightEvent : leftEvent;
    if (!isEarlier(child, last)) break;
    heap[index] = child;
    index = useRight ? left + 1 : left;
  }
  heap[index] = last;
  return first;
}
