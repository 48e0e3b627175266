import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forkState } from '../../base/fork-state.ts';
import { invariant } from '../../base/result.ts';
import { collectionOf, Store, type StoredObject, storeKey, storeState } from './store.ts';

const object = (name: string, value = 0): StoredObject => ({
  kind: 'Thing',
  apiVersion: 'v1',
  metadata: { name },
  spec: { value },
});
const keyOf = (name: string): string => storeKey('', 'things', 'default', name);

describe('store', () => {
  it('counts one resourceVersion over all objects', () => {
    const store = new Store(storeState());
    store.create({ key: keyOf('a'), object: object('a') });
    store.create({ key: storeKey('apps', 'others', '', 'b'), object: object('b') });
    expect(store.get(keyOf('a'))?.metadata.resourceVersion).toBe('1');
    expect(store.get(storeKey('apps', 'others', '', 'b'))?.metadata.resourceVersion).toBe('2');
    expect(store.revision()).toBe(2);
  });

  it('refuses a key that is taken, an object that is gone and a write from an old state', () => {
    const store = new Store(storeState());
    const created = store.create({ key: keyOf('a'), object: object('a') });
    invariant(created.ok, 'created');
    expect(store.create({ key: keyOf('a'), object: object('a') })).toEqual({ ok: false, error: 'exists' });
    expect(store.update({ key: keyOf('a'), object: object('a', 1) }, created.value).ok).toBe(true);
    expect(store.update({ key: keyOf('a'), object: object('a', 2) }, created.value)).toEqual({
      ok: false,
      error: 'conflict',
    });
    expect(store.delete(keyOf('b'))).toEqual({ ok: false, error: 'missing' });
    expect(store.update({ key: keyOf('b'), object: object('b') }, object('b'))).toEqual({
      ok: false,
      error: 'missing',
    });
  });

  it('hands out frozen objects', () => {
    const store = new Store(storeState());
    const created = store.create({ key: keyOf('a'), object: object('a') });
    invariant(created.ok, 'created');
    expect(Object.isFrozen(created.value)).toBe(true);
    expect(Object.isFrozen(created.value.spec)).toBe(true);
  });

  it('forgets the oldest changes past its bound and says so to who asks for them', () => {
    const store = new Store(storeState());
    store.create({ key: keyOf('a'), object: object('a') });
    for (let value = 1; value <= 10_000; value += 1) {
      const before = store.get(keyOf('a'));
      invariant(before !== undefined, 'stored');
      store.update({ key: keyOf('a'), object: object('a', value) }, before);
    }
    expect(store.changesSince('/things/', 0)).toEqual({ ok: false, error: 'compacted' });
    const since = store.changesSince('/things/', 1);
    expect(since.ok && since.value.length).toBe(10_000);
  });

  it('leaves its parent untouched after a fork', () => {
    const state = storeState();
    const parent = new Store(state);
    parent.create({ key: keyOf('a'), object: object('a') });
    const child = new Store(forkState(state));
    child.create({ key: keyOf('b'), object: object('b') });
    child.delete(keyOf('a'));
    expect([...parent.list('/things/')].map(([, { metadata }]) => metadata.name)).toEqual(['a']);
    expect([...child.list('/things/')].map(([, { metadata }]) => metadata.name)).toEqual(['b']);
    expect(parent.revision()).toBe(1);
  });

  it('names the collection of a key by group and plural', () => {
    expect(collectionOf(storeKey('apps', 'deployments', 'x', 'y'))).toBe('apps/deployments/');
    expect(collectionOf(storeKey('', 'pods', 'x', 'y'))).toBe('/pods/');
  });
});

const step = fc.record({
  action: fc.constantFrom('create', 'update', 'delete'),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.nat(9),
});

describe('a fork', () => {
  const run = (store: Store, steps: readonly { action: string; name: string; value: number }[]) => {
    for (const { action, name, value } of steps) {
      const key = keyOf(name);
      const before = store.get(key);
      if (action === 'create') store.create({ key, object: object(name, value) });
      else if (action === 'delete') store.delete(key);
      else if (before !== undefined) store.update({ key, object: object(name, value) }, before);
    }
  };
  const look = (store: Store) => [
    store.revision(),
    [...store.list('/things/')],
    store.changesSince('/things/', 0),
  ];

  it('that is changed leaves its parent untouched, and the other way round', () => {
    const steps = fc.array(step, { maxLength: 20 });
    fc.assert(
      fc.property(steps, steps, steps, (first, inChild, inParent) => {
        const state = storeState();
        const parent = new Store(state);
        run(parent, first);
        const before = look(parent);
        const child = new Store(forkState(state));
        run(child, inChild);
        expect(look(parent)).toEqual(before);
        const childBefore = look(child);
        run(parent, inParent);
        expect(look(child)).toEqual(childBefore);
      }),
    );
  });
});

describe('history', () => {
  it('replayed from any revision ends in the list', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new Store(storeState());
        const snapshots = [new Map<string, StoredObject>()];
        for (const { action, name, value } of steps) {
          const key = keyOf(name);
          const before = store.get(key);
          if (action === 'create') store.create({ key, object: object(name, value) });
          else if (action === 'delete') store.delete(key);
          else if (before !== undefined) store.update({ key, object: object(name, value) }, before);
          if (snapshots.length <= store.revision()) snapshots.push(new Map(store.list('/things/')));
        }
        for (const [revision, snapshot] of snapshots.entries()) {
          const changes = store.changesSince('/things/', revision);
          invariant(changes.ok, 'nothing is compacted');
          const replayed = new Map(snapshot);
          for (const { key, after } of changes.value) {
            if (after === undefined) replayed.delete(key);
            else replayed.set(key, after);
          }
          expect(new Map([...replayed].sort())).toEqual(new Map(store.list('/things/')));
        }
      }),
    );
  });
});
