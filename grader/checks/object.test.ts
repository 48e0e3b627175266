/** Check `object`, where it holds a cluster against what that was before the learner's files. */
import { expect, it } from 'vitest';
import { objectCheckSchema } from '../exercise/schema.ts';
import { loadEngine } from '../load-engine.ts';
import { runObjectCheck } from './object.ts';

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'web' } },
  spec: { containers: [{ name: 'nginx', image: 'nginx' }] },
});
const pods = '/api/v1/namespaces/default/pods';

const engine = await loadEngine();
const world = engine.createCluster({ seed: 'object' });
world.request({ method: 'POST', path: pods, body: pod('web') });
world.settle();
const replaced = world.fork();
replaced.request({ method: 'DELETE', path: `${pods}/web` });
replaced.settle();
replaced.request({ method: 'POST', path: pods, body: pod('web') });
replaced.settle();

it.each([
  ['the same object', true, true, world],
  ['another of its name', true, false, replaced],
  ['the same where another is wanted', false, false, world],
  ['another where one is wanted', false, true, replaced],
])('%s, asBefore %s, passes: %s', async (_, asBefore, passes, cluster) => {
  const check = objectCheckSchema.parse({
    id: 'same',
    kind: 'object',
    says: { ko: '같은 파드', en: 'the same Pod' },
    resource: 'pod',
    labels: { app: 'web' },
    fields: { '.metadata.uid': { asBefore } },
  });
  const shell = await cluster.openShell();
  const outcome = await runObjectCheck(check, {
    engine,
    cluster,
    world,
    namedObjects: new Set(),
    shell,
    files: new Map(),
    scripts: new Map(),
    isWorldTouched: true,
  });
  expect(outcome).toMatchObject(
    passes
      ? { passed: true }
      : { passed: false, cause: { code: 'identity-differs', shouldBeNew: !asBefore } },
  );
});
