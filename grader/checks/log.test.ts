/** Check `log` in a real cluster: a client that keeps asking while something changes. */
import { beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../engine/index.ts';
import { type LogCheck, logCheckSchema } from '../exercise/schema.ts';
import { loadEngine } from '../load-engine.ts';
import type { CheckContext, CheckOutcome } from './context.ts';
import { runLogCheck } from './log.ts';
import { checkContext } from './testing/check-context.ts';

const manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'asker' },
  spec: {
    containers: [
      {
        name: 'asker',
        image: 'busybox',
        command: [
          'sh',
          '-c',
          'while true; do wget -q -T 1 -O /dev/null http://db && echo ok || echo lost; sleep 1; done',
        ],
      },
    ],
  },
};
const database = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db' },
  spec: { type: 'ExternalName', externalName: 'db.example.com' },
};

let context: CheckContext;
beforeAll(async () => {
  const engine = await loadEngine();
  const cluster: Cluster = engine.createCluster({ seed: 'log' });
  cluster.addOutsideHost({ name: 'db.example.com', address: '198.51.100.20', image: 'nginx' });
  for (const [plural, body] of [
    ['services', database],
    ['pods', manifest],
  ] as const) {
    cluster.request({ method: 'POST', path: `/api/v1/namespaces/default/${plural}`, body });
  }
  cluster.settle();
  cluster.advance(10);
  const shell = await cluster.openShell();
  context = checkContext(engine, cluster, shell);
});

function run(check: Partial<LogCheck>): Promise<CheckOutcome> {
  const says = { ko: '로그', en: 'the log' };
  return runLogCheck(
    logCheckSchema.parse({ id: 'log', says, kind: 'log', pod: { name: 'asker' }, ...check }),
    context,
  );
}

it('passes when nothing was lost and it did keep asking', async () => {
  expect(await run({ matches: ['^ok$'], lacks: ['lost'], atLeast: 5 })).toEqual({ passed: true });
});

it('names the pattern and how often it is there, when that is too seldom', async () => {
  expect(await run({ matches: ['^ok$'], atLeast: 500 })).toMatchObject({
    passed: false,
    cause: { code: 'log-differs', pod: { name: 'asker' }, pattern: 'ok', isWanted: true },
  });
});

it('counts the lines that should not be there', async () => {
  expect(await run({ lacks: ['o'] })).toMatchObject({
    passed: false,
    cause: { code: 'log-differs', pattern: 'o', isWanted: false, lines: expect.any(Number) },
  });
});

it('says that there is no such Pod', async () => {
  expect(await run({ pod: { name: 'aske', namespace: 'default' } })).toMatchObject({
    passed: false,
    cause: { code: 'object-missing', nearest: { name: 'asker' } },
  });
});
