/**
 * How long the things take that a learner waits for, each beside its target. Run as a program on the build: `npm run bench`.
 * Nothing fails when a target is missed: machines differ, and so does what else they do.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../engine/index.ts';
import { findWorkbookRoot, loadWorkbook } from '../exercise/load-workbook.ts';
import type { Exercise } from '../exercise/workbook.ts';
import { loadEngine } from '../load-engine.ts';
import { formatTable } from '../reports/table.ts';
import { gradeAnswer } from '../runner/grade-answer.ts';
import { createWorlds, type Worlds } from '../runner/worlds.ts';
import { readAnswerIn } from '../submission/answer.ts';
import { readSolutionsLearner } from './verify-workbook.ts';

interface Measurement {
  readonly name: string;
  readonly targetMs: number;
  readonly runs: number;
  /** Runs before the first that counts, until the code is compiled. */
  readonly warmUps: number;
  readonly run: () => unknown;
}

const root = findWorkbookRoot();
const engine = await loadEngine();
const { workbook } = await loadWorkbook(root);
const learnerId = readSolutionsLearner(root);
const [first] = workbook.exercises;
if (first === undefined) throw new Error('the workbook has no exercise');
const firstSix = workbook.exercises.filter(({ path }) => /^03-networking\/0[1-6]-/.test(path));

const worlds = createWorlds(engine);
const prepared = await worlds.look(first, learnerId);
const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'cli', 'main.js');

const measurements: readonly Measurement[] = [
  {
    name: 'start a cluster',
    targetMs: 10,
    warmUps: 20,
    runs: 100,
    run: () => engine.createCluster({ seed: 'bench' }),
  },
  { name: 'fork a prepared world', targetMs: 1, warmUps: 100, runs: 500, run: () => prepared.fork() },
  {
    name: `grade ${first.id}, its world prepared`,
    targetMs: 5,
    warmUps: 200,
    runs: 100,
    run: () => grade(worlds, first),
  },
  // The target is from when the workbook had six sections.
  {
    name: `grade the ${firstSix.length} solutions of the first six sections`,
    targetMs: 1000,
    warmUps: 2,
    runs: 5,
    run: () => gradeEach(firstSix),
  },
  {
    name: `grade all ${workbook.exercises.length} solutions, no world prepared`,
    targetMs: 1000,
    warmUps: 2,
    runs: 5,
    run: () => gradeEach(workbook.exercises),
  },
  // A thousand in two seconds; twice the number shows whether the cost grows with it.
  { name: '200 replicas, made until ready', targetMs: 400, warmUps: 1, runs: 3, run: () => runReplicas(200) },
  { name: '400 replicas, made until ready', targetMs: 800, warmUps: 0, runs: 3, run: () => runReplicas(400) },
  {
    name: 'kubedrill list, from its start to its end',
    targetMs: 250,
    warmUps: 1,
    runs: 10,
    run: () => spawnSync(process.execPath, [program, 'list']),
  },
];

const rows = [['WHAT', 'TARGET', 'MEDIAN', 'BEST', '']];
for (const measurement of measurements) {
  const { targetMs } = measurement;
  const { median, best } = await measure(measurement);
  const standing = median <= targetMs ? 'within' : `${(median / targetMs).toFixed(1)} times the target`;
  rows.push([measurement.name, `${targetMs} ms`, formatMs(median), formatMs(best), standing]);
}
for (const line of formatTable(rows)) console.log(line);

/** Of a Deployment behind a Service, on nodes that take more Pods than usual. */
function runReplicas(replicas: number): void {
  const cluster = engine.createCluster({ seed: 'bench' });
  const send = (
    method: 'POST' | 'PATCH',
    path: string,
    body: JsonObject,
    contentType = 'application/json',
  ) => {
    const { code } = cluster.request({ method, path, headers: { 'content-type': contentType }, body });
    if (code >= 300) throw new Error(`${method} ${path}: ${code}`);
  };
  const room = { status: { capacity: { pods: '1000' }, allocatable: { pods: '1000' } } };
  for (const node of ['worker-1', 'worker-2']) {
    send('PATCH', `/api/v1/nodes/${node}/status`, room, 'application/merge-patch+json');
  }
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }];
  const metadata = { name: 'web' };
  send('POST', '/api/v1/namespaces/default/services', {
    metadata,
    spec: { selector: labels, ports: [{ port: 80 }] },
  });
  send('POST', '/apis/apps/v1/namespaces/default/deployments', {
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  });
  cluster.settle();
  const path = '/apis/apps/v1/namespaces/default/deployments/web';
  const answer = cluster.request({ method: 'GET', path });
  const status = answer.type === 'object' ? answer.body.status : undefined;
  if (!JSON.stringify(status ?? {}).includes(`"readyReplicas":${replicas}`)) {
    throw new Error(`not all of ${replicas} replicas are ready`);
  }
}

async function gradeEach(exercises: readonly Exercise[]): Promise<void> {
  const fresh = createWorlds(engine);
  for (const exercise of exercises) await grade(fresh, exercise);
}

async function grade(on: Worlds, exercise: Exercise): Promise<void> {
  const answer = readAnswerIn(join(root, 'solutions', exercise.path), 'solution', exercise);
  const { status } = await gradeAnswer(on, { exercise, learnerId, answer, evenIfTodo: true });
  if (status !== 'passed') throw new Error(`the solution of ${exercise.id} is ${status}`);
}

async function measure({ warmUps, runs, run }: Measurement): Promise<{ median: number; best: number }> {
  for (let index = 0; index < warmUps; index += 1) await run();
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const startMs = performance.now();
    await run();
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  return { median: times[runs >> 1] ?? 0, best: times[0] ?? 0 };
}

function formatMs(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
}
