/** Spreading endpoints over slices. The rules are those of k8s.io/endpointslice, reconciler.go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint, EndpointSlice } from '../../api/types/kinds.ts';
import { planSlices } from './plan-slices.ts';

const ports = [{ name: '', port: 80, protocol: 'TCP' }];

const endpoint = (id: number): Endpoint => ({
  addresses: [`10.244.1.${id}`],
  targetRef: { kind: 'Pod', uid: `${id}` },
});

function slice(name: string, ids: readonly number[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    addressType: 'IPv4',
    ports,
    endpoints: ids.map(endpoint),
  };
}

/** Ids by slice after the plan; new slices are named `+`. */
function carryOut(wanted: readonly number[], existing: readonly EndpointSlice[], max: number) {
  const groups = wanted.length === 0 ? [] : [{ ports, endpoints: wanted.map(endpoint) }];
  const plan = planSlices(groups, existing, max);
  const idsOf = (list: readonly Endpoint[]) => list.map(({ targetRef }) => Number(targetRef?.uid));
  const kept = existing
    .filter((candidate) => !plan.remove.includes(candidate))
    .map((candidate): [string, number[]] => {
      const update = plan.update.find((each) => each.slice === candidate);
      return [candidate.metadata.name, idsOf(update?.endpoints ?? candidate.endpoints ?? [])];
    });
  return [...kept, ...plan.create.map((group): [string, number[]] => ['+', idsOf(group.endpoints)])];
}

describe('a plan', () => {
  it.each([
    { name: 'makes a slice for the first endpoints', wanted: [1, 2], existing: [], want: [['+', [1, 2]]] },
    {
      name: 'adds to a slice with room',
      wanted: [1, 2, 3],
      existing: [slice('a', [1, 2])],
      want: [['a', [1, 2, 3]]],
    },
    {
      name: 'keeps the order of what stays',
      wanted: [1, 3],
      existing: [slice('a', [3, 2, 1])],
      want: [['a', [3, 1]]],
    },
    {
      name: 'fills the room of one that leaves',
      wanted: [1, 2, 3, 5],
      existing: [slice('a', [1, 2, 3, 4])],
      want: [['a', [1, 2, 3, 5]]],
    },
    {
      name: 'opens a slice when all are full',
      wanted: [1, 2, 3, 4, 5],
      existing: [slice('a', [1, 2, 3, 4])],
      want: [
        ['a', [1, 2, 3, 4]],
        ['+', [5]],
      ],
    },
  ])('$name', ({ wanted, existing, want }) => {
    expect(carryOut(wanted, existing, 4)).toEqual(want);
  });

  it('always holds every endpoint once, and no slice more than it may', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    fc.assert(
      fc.property(ids, ids, fc.integer({ min: 1, max: 7 }), (before, wanted, max) => {
        const existing: EndpointSlice[] = [];
        for (let from = 0; from < before.length; from += max) {
          existing.push(slice(`s${from}`, before.slice(from, from + max)));
        }
        const after = carryOut(wanted, existing, max).map(([, list]) => list);
        expect(after.flat().sort()).toEqual([...wanted].sort());
        expect(Math.max(0, ...after.map((list) => list.length))).toBeLessThanOrEqual(max);
      }),
    );
  });
});
