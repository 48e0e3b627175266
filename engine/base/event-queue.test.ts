import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, eventQueueState } from './event-queue.ts';
import { forkState } from './fork-state.ts';
import { defaultLimits } from './limits.ts';

function recorded(state = eventQueueState(0), limits = defaultLimits) {
  const seen: { atMs: number; payload: unknown }[] = [];
  const queue = new EventQueue(state, limits);
  queue.on('note', (payload) => seen.push({ atMs: queue.now(), payload }));
  return { queue, seen, state };
}

describe('EventQueue', () => {
  it('runs events by due time, then in the order of scheduling', () => {
    const { queue, seen } = recorded();
    queue.schedule({ kind: 'note', payload: 'late', delayMs: 10 });
    queue.schedule({ kind: 'note', payload: 'first' });
    queue.schedule({ kind: 'note', payload: 'second' });
    queue.settle();
    expect(seen).toEqual([
      { atMs: 0, payload: 'first' },
      { atMs: 0, payload: 'second' },
      { atMs: 10, payload: 'late' },
    ]);
  });

  it('settles without waiting for what goes on for ever', () => {
    const { queue, seen } = recorded();
    queue.schedule({ kind: 'note', payload: 'probe', delayMs: 5, background: true });
    queue.schedule({ kind: 'note', payload: 'pull', delayMs: 10 });
    queue.schedule({ kind: 'note', payload: 'lease', delayMs: 20, background: true });
    expect(queue.settle()).toEqual({ events: 2, elapsedMs: 10, ended: 'done' });
    expect(seen.map((entry) => entry.payload)).toEqual(['probe', 'pull']);
  });

  it('ends a run between two events when it is interrupted, and goes on with the next run', () => {
    const { queue, seen } = recorded();
    for (let count = 0; count < 10; count += 1) queue.schedule({ kind: 'note' });
    queue.interruptWhen(() => seen.length === 3);
    expect(queue.settle()).toMatchObject({ events: 3, ended: 'limit' });
    expect(queue.advance(1000)).toMatchObject({ events: 0, ended: 'limit' });
    expect(queue.now()).toBe(0);
    queue.interruptWhen(() => false);
    expect(queue.settle()).toMatchObject({ events: 7, ended: 'done' });
  });

  it('advances to exactly the moment asked for', () => {
    const { queue, seen } = recorded();
    queue.schedule({ kind: 'note', payload: 'in', delayMs: 1000, background: true });
    queue.schedule({ kind: 'note', payload: 'out', delayMs: 1001, background: true });
    queue.advance(1000);
    expect(queue.now()).toBe(1000);
    expect(seen.map((entry) => entry.payload)).toEqual(['in']);
  });

  it('never runs a cancelled event and does not wait for it', () => {
    const { queue, seen } = recorded();
    const id = queue.schedule({ kind: 'note', payload: 'gone', delayMs: 10 });
    queue.cancel(id);
    expect(queue.isSettled()).toBe(true);
    expect(queue.settle()).toEqual({ events: 0, elapsedMs: 0, ended: 'done' });
    expect(seen).toEqual([]);
  });

  it('ends a run that would not end by itself', () => {
    const { queue } = recorded(eventQueueState(0), { ...defaultLimits, maxEventsPerRun: 50 });
    queue.on('again', () => queue.schedule({ kind: 'again' }));
    queue.schedule({ kind: 'again' });
    expect(queue.settle()).toEqual({ events: 50, elapsedMs: 0, ended: 'limit' });
  });

  it('gives a fork its own future', () => {
    const parent = recorded();
    parent.queue.schedule({ kind: 'note', payload: 'both', delayMs: 1 });
    const child = recorded(forkState(parent.state));
    child.queue.schedule({ kind: 'note', payload: 'child', delayMs: 2 });
    child.queue.settle();
    parent.queue.settle();
    expect(parent.seen.map((entry) => entry.payload)).toEqual(['both']);
    expect(child.seen.map((entry) => entry.payload)).toEqual(['both', 'child']);
  });

  it('keeps the order of due times whatever is scheduled and cancelled', () => {
    const plan = fc.array(
      fc.record({ delayMs: fc.nat(50), cancel: fc.boolean(), background: fc.boolean() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(plan, (steps) => {
        const { queue, seen } = recorded();
        const kept = steps.filter((step) => !step.cancel);
        for (const step of steps) {
          const id = queue.schedule({
            kind: 'note',
            payload: step.delayMs,
            delayMs: step.delayMs,
            background: step.background,
          });
          if (step.cancel) queue.cancel(id);
        }
        queue.advance(50);
        expect(seen.map((entry) => entry.payload)).toEqual(
          kept.map((step) => step.delayMs).sort((a, b) => a - b),
        );
        expect(queue.isSettled()).toBe(true);
      }),
    );
  });
});
