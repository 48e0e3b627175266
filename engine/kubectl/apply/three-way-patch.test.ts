import { expect, it } from 'vitest';
import { loadSchema } from '../../api/schema/schema.ts';
import { createThreeWayPatch } from './three-way-patch.ts';

const service = { schema: loadSchema(), typeName: 'V1Service' };

// Source: k8s.io/apimachinery/pkg/util/strategicpatch, CreateThreeWayMergePatch, as the fields' patch tags have it.
it.each([
  {
    name: 'changes nothing where the live object only has more',
    original: { spec: { type: 'ClusterIP' } },
    modified: { spec: { type: 'ClusterIP' } },
    current: { spec: { type: 'ClusterIP', clusterIP: '10.96.0.5' }, status: {} },
    want: {},
  },
  {
    name: 'takes away what was applied before and is no more',
    original: { metadata: { labels: { a: '1', b: '2' } } },
    modified: { metadata: { labels: { a: '1' } } },
    current: { metadata: { labels: { a: '1', b: '2', c: '3' } } },
    want: { metadata: { labels: { b: null } } },
  },
  {
    name: 'leaves alone what others added',
    original: undefined,
    modified: { metadata: { labels: { a: '1' } } },
    current: { metadata: { labels: { c: '3' } } },
    want: { metadata: { labels: { a: '1' } } },
  },
  {
    name: 'merges ports by their number and keeps their order',
    original: { spec: { ports: [{ port: 80 }, { port: 81 }] } },
    modified: { spec: { ports: [{ port: 82 }, { port: 80, name: 'web' }] } },
    current: {
      spec: {
        ports: [
          { port: 80, protocol: 'TCP' },
          { port: 81, protocol: 'TCP' },
        ],
      },
    },
    want: {
      spec: {
        '$setElementOrder/ports': [{ port: 82 }, { port: 80 }],
        ports: [{ $patch: 'delete', port: 81 }, { name: 'web', port: 80 }, { port: 82 }],
      },
    },
  },
])('$name', ({ original, modified, current, want }) => {
  expect(createThreeWayPatch({ original, modified, current }, service)).toEqual(want);
});

it('replaces lists of a kind without a schema', () => {
  const states = {
    original: undefined,
    modified: { spec: { l: [{ name: 'a' }] } },
    current: { spec: { l: [{ name: 'b' }] } },
  };
  expect(createThreeWayPatch(states, undefined)).toEqual({ spec: { l: [{ name: 'a' }] } });
});
