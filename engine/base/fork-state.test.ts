import { describe, expect, it } from 'vitest';
import { forkState } from './fork-state.ts';
import { Random, randomStateFrom } from './random.ts';
import { createSortedMap, entriesWithPrefix } from './sorted-map.ts';

describe('forkState', () => {
  it('copies what can change and shares what is frozen', () => {
    const frozen = Object.freeze({ name: 'web' });
    const state = { list: [1, { deep: true }], map: new Map([['a', { n: 1 }]]), set: new Set(['x']), frozen };
    const copy = forkState(state);
    expect(copy).toEqual(state);
    expect(copy.list[1]).not.toBe(state.list[1]);
    expect(copy.map.get('a')).not.toBe(state.map.get('a'));
    expect(copy.frozen).toBe(frozen);
  });

  it('keeps two references to one object together', () => {
    const shared = { n: 1 };
    const copy = forkState({ a: shared, b: shared });
    copy.a.n = 2;
    expect(copy.b.n).toBe(2);
    expect(shared.n).toBe(1);
  });

  it('clones sorted maps so that neither sees the other', () => {
    const map = createSortedMap<string>();
    map.set('/pods/b', 'b');
    const copy = forkState({ map }).map;
    copy.set('/pods/a', 'a');
    map.set('/services/c', 'c');
    expect([...entriesWithPrefix(copy, '/pods/')]).toEqual([
      ['/pods/a', 'a'],
      ['/pods/b', 'b'],
    ]);
    expect([...map.keys()]).toEqual(['/pods/b', '/services/c']);
  });

  it.each([
    ['a function', { run: () => 1 }],
    ['an instance of a class', { at: new Date(0) }],
  ])('refuses %s', (_name, state) => {
    expect(() => forkState(state)).toThrow('has no place in state');
  });
});

describe('Random', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: string) => {
      const random = new Random(randomStateFrom(seed));
      return [random.uuid(), random.nameSuffix(), random.hex(12), random.below(100)];
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('makes version 4 UUIDs and suffixes of the letters that Kubernetes uses', () => {
    const random = new Random(randomStateFrom('seed'));
    for (let round = 0; round < 100; round += 1) {
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(random.nameSuffix()).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    }
  });
});
