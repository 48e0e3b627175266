/** Whole attempts in real clusters. The expectations are Kubernetes' own behaviour and words, named per case. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createDefinitionReader, noneCompiled } from '../exercise/definitions.ts';
import { loadWorkbook } from '../exercise/load-workbook.ts';
import type { ExerciseResult } from '../exercise/result.ts';
import { loadEngine } from '../load-engine.ts';
import { tellFirstReason } from '../reports/tell.ts';
import { readAnswer } from '../submission/answer.ts';
import { smallAnswers, smallWorkbook } from '../testing/small-workbook.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { gradeAnswer } from './grade-answer.ts';
import { createWorlds, type Worlds } from './worlds.ts';

const readAnew = createDefinitionReader(noneCompiled);
const serviceFile = '01-first/01-services/give-it-a-name/service.yaml';
const scriptFile = '01-first/01-services/count-the-pods/count.sh';
const service = smallAnswers[serviceFile] ?? '';

let worlds: Worlds;
beforeAll(async () => {
  worlds = createWorlds(await loadEngine());
});

async function grade(
  id: string,
  answers: Readonly<Record<string, string>>,
  workbookChanges: Readonly<Record<string, string>> = {},
  maxWallSeconds?: number,
): Promise<ExerciseResult> {
  const root = makeFolder({ ...smallWorkbook, ...workbookChanges });
  const { workbook, problems } = await loadWorkbook(root, readAnew);
  expect(problems).toEqual([]);
  const exercise = workbook.exercises.find((candidate) => candidate.id === id);
  if (exercise === undefined) throw new Error(`no exercise ${id}`);
  const answer = readAnswer(makeFolder(answers), exercise);
  // Changed definitions must not meet each other's worlds.
  const own = Object.keys(workbookChanges).length === 0 ? worlds : createWorlds(worlds.engine);
  return gradeAnswer(own, {
    exercise,
    learnerId: 'test',
    answer,
    ...(maxWallSeconds === undefined ? {} : { maxWallSeconds }),
  });
}

const gradeService = (text: string) => grade('give-it-a-name', { [serviceFile]: text });
const statuses = (result: ExerciseResult) => result.checks.map(({ id, status }) => [id, status]);

describe('an attempt', () => {
  // Source: POSIX, diff: 1 where the files differ, more than 1 where something went wrong.
  it.each([
    ['is told for what it printed', 'echo a | diff - /dev/null', 'output-differs'],
    ['is told for its failure', 'kubectl get pods nowhere', 'command-failed'],
  ])('whose last command ended with 1 %s', async (_, line, code) => {
    const result = await grade('count-the-pods', { [scriptFile]: `${line}\n` });
    expect(result.checks).toMatchObject([{ status: 'failed', cause: { code } }]);
  });

  it('passes when the cluster does what the task asks', async () => {
    const result = await gradeService(service);
    expect(result).toMatchObject({ status: 'passed', points: 3, maxPoints: 3, problems: [] });
    expect(result.transcript).toEqual([
      { command: 'kubectl apply -f service.yaml', exitCode: 0, stdout: 'service/web created\n', stderr: '' },
    ]);
  });

  it('fails at the first thing to mend, names it, and skips what waits for it', async () => {
    const result = await gradeService(service.replace('name: web', 'name: wbe'));
    expect(result).toMatchObject({ status: 'failed', points: 0, maxPoints: 3 });
    expect(statuses(result)).toEqual([
      ['there-is-a-service', 'failed'],
      ['web-answers', 'skipped'],
    ]);
    expect(result.checks[0]?.cause).toEqual({
      code: 'object-missing',
      object: { kind: 'Service', namespace: 'default', name: 'web' },
      nearest: { kind: 'Service', namespace: 'default', name: 'wbe' },
    });
    expect(result.checks[1]?.waitedFor).toBe('there-is-a-service');
  });

  it('explains a packet that found no endpoint by the labels at fault', async () => {
    const result = await gradeService(service.replace('app: web', 'app: website'));
    const [, check] = result.checks;
    expect(check?.cause).toMatchObject({
      code: 'selector-matches-nothing',
      selector: { app: 'website' },
      nearest: { pod: { name: 'web-0' }, key: 'app', wanted: 'website', found: 'web' },
    });
    expect(check?.evidence?.[0]).toMatchObject({ kind: 'trace' });
    expect(tellFirstReason(result, 'en')?.sentence).toMatch(/website/);
    expect(tellFirstReason(result, 'ko')?.sentence).toMatch(/website/);
  });

  it('comes out the same twice, in worlds made apart', async () => {
    const again = await gradeAnswerApart(service.replace('app: web', 'app: website'));
    expect(await gradeService(service.replace('app: web', 'app: website'))).toEqual(again);
  });

  async function gradeAnswerApart(text: string): Promise<ExerciseResult> {
    return grade('give-it-a-name', { [serviceFile]: text }, { 'chapters/README.md': 'apart' });
  }

  it('says errored for a check that breaks, and runs the others', async () => {
    const file = 'chapters/01-first/01-services/give-it-a-name/exercise.yaml';
    const broken = (smallWorkbook[file] ?? '').replace('bodyMatches: nginx', "bodyMatches: '('");
    const result = await grade('give-it-a-name', { [serviceFile]: service }, { [file]: broken });
    expect(result.status).toBe('errored');
    expect(statuses(result)).toEqual([
      ['there-is-a-service', 'passed'],
      ['web-answers', 'errored'],
    ]);
  });

  it('says errored when the exercise’s own world can not be made', async () => {
    const file = 'chapters/01-first/01-services/give-it-a-name/world/web.yaml';
    const result = await grade('give-it-a-name', { [serviceFile]: service }, { [file]: 'kind: Nothing\n' });
    expect(result.status).toBe('errored');
    expect(result.checks[0]?.error).toMatch(
      /^the world of give-it-a-name can't be made: kubectl apply -f web.yaml: /,
    );
  });
});

// Source: kubectl's and the API server's words as in manifest-problems.test.ts.
describe('a manifest that is refused', () => {
  it.each([
    {
      name: 'an unknown field',
      text: service.replace('  ports:', '  prots:'),
      want: {
        code: 'refused-by-api-server',
        file: 'service.yaml',
        line: 8,
        column: 3,
        message: expect.stringContaining('strict decoding error: unknown field "spec.prots"'),
      },
    },
    {
      name: 'a tab',
      text: service.replace('  ports:', '\tports:'),
      want: { code: 'broken-manifest', file: 'service.yaml', line: 8, column: 1 },
    },
    {
      name: 'a wrong kind',
      text: service.replace('kind: Service', 'kind: Servise'),
      want: {
        code: 'refused-by-api-server',
        file: 'service.yaml',
        line: 2,
        column: 1,
        message: expect.stringContaining('no matches for kind "Servise" in version "v1"'),
      },
    },
    {
      name: 'a value out of range',
      text: service.replace('port: 80', 'port: 80000'),
      want: {
        code: 'refused-by-api-server',
        file: 'service.yaml',
        line: 9,
        column: 5,
        reason: 'Invalid',
        message: expect.stringContaining(
          'spec.ports[0].port: Invalid value: 80000: must be between 1 and 65535, inclusive',
        ),
      },
    },
  ])('names file, line, column and Kubernetes’ own words: $name', async ({ text, want }) => {
    const result = await gradeService(text);
    expect(result.status).toBe('failed');
    expect(result.problems).toEqual([expect.objectContaining(want)]);
  });

  it.each([
    {
      name: 'the object that was refused',
      text: service.replace('port: 80', 'port: 80000'),
      want: { line: 9, column: 5, object: { kind: 'Service', namespace: 'default', name: 'web' } },
    },
    {
      name: 'the file that could not be read',
      text: service.replace('  ports:', '\tports:'),
      want: { line: 8, column: 1 },
    },
  ])('is what a check names that misses its objects: $name', async ({ text, want }) => {
    const result = await gradeService(text);
    expect(result.checks[0]?.cause).toEqual({ code: 'missing-since-refused', file: 'service.yaml', ...want });
  });

  it('leaves the other document of its file unharmed', async () => {
    const broken = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: other\nspec:\n  prots: []\n';
    const result = await gradeService(`${broken}---\n${service}`);
    expect(result.problems).toEqual([expect.objectContaining({ line: 6, column: 3 })]);
    expect(statuses(result)).toEqual([
      ['there-is-a-service', 'passed'],
      ['web-answers', 'passed'],
    ]);
  });
});

describe('a cluster at work without end', () => {
  const replicas = 'replicas: 200\n  selector: {a: b}\n  template:\n    metadata: {labels: {a: b}}';
  const spec = 'spec: {containers: [{name: c, image: nginx}]}';
  const crowd = `apiVersion: v1\nkind: ReplicationController\nmetadata: {name: big}\nspec:\n  ${replicas}\n    ${spec}\n`;

  it('is stopped at the wall time, and the checks are not begun', async () => {
    const result = await grade('give-it-a-name', { [serviceFile]: `${service}---\n${crowd}` }, {}, 0.5);
    expect(result).toMatchObject({ status: 'failed', points: 0 });
    expect(result.problems).toEqual([{ code: 'limit-reached', limit: '0.5 s' }]);
    expect(result.checks[0]?.cause).toMatchObject({ code: 'limit-reached' });
  });

  it('ends a script of commands that each end', async () => {
    const text = 'while true; do kubectl get pods; done\n';
    const result = await grade('count-the-pods', { [scriptFile]: text }, {}, 0.5);
    expect(result.problems).toEqual([{ code: 'limit-reached', limit: '0.5 s' }]);
  });
});

describe('a script', () => {
  const gradeScript = (text: string) => grade('count-the-pods', { [scriptFile]: text });

  it('is run command by command, with what each printed', async () => {
    const result = await gradeScript('kubectl get pods\nkubectl get pods --no-headers | wc -l | tr -d " "\n');
    expect(result.status).toBe('passed');
    expect(result.transcript.map(({ command, exitCode }) => [command, exitCode])).toEqual([
      ['kubectl get pods', 0],
      ['kubectl get pods --no-headers | wc -l | tr -d " "', 0],
    ]);
  });

  it('that prints the answer without asking for it fails', async () => {
    const result = await gradeScript('echo 1 # kubectl get pods\n');
    expect(result.checks[0]?.cause).toMatchObject({ code: 'output-differs', wanted: '/kubectl get pods?/' });
  });

  it('that fails is told with its own words', async () => {
    const result = await gradeScript('kubectl get pdos\n');
    expect(result.checks[0]?.cause).toMatchObject({
      code: 'command-failed',
      exitCode: 1,
      stderr: 'error: the server doesn\'t have a resource type "pdos"',
    });
  });

  it.each([
    { name: 'a loop without end', text: 'while true; do :; done\n' },
    { name: 'a wait without end', text: 'while true; do sleep 600; done\n' },
    { name: 'output without end', text: 'while true; do printf %65536s yes; done\n' },
  ])(
    'can not hold up its grader: $name',
    async ({ text }) => {
      const result = await gradeScript(text);
      expect(result.status).toBe('failed');
    },
    60_000,
  );

  const exerciseFile = 'chapters/01-first/01-services/count-the-pods/exercise.yaml';
  const addressesWanted = {
    [exerciseFile]: (smallWorkbook[exerciseFile] ?? '').replace(
      "    stdoutMatches: ['^1$']\n    scriptMatches: ['kubectl get pods?']\n",
      `    everySucceeds: true
    prints:
      - { value: { resource: pod, labels: { run: web }, path: .status.podIP }, times: 2 }
      - { value: { resource: pod, name: web, path: .status.podIP }, before: true }
`,
    ),
  };
  it.each([
    [
      'passes when the address stands there often enough',
      'kubectl get pods -o wide\nkubectl get pods -o wide',
      undefined,
    ],
    ['fails when it stands there too rarely', 'kubectl get pods -o wide', 'output-differs'],
    [
      'fails at a command that failed, whatever was printed',
      'kubectl get pods -o wide\nfalse\nkubectl get pods -o wide',
      'command-failed',
    ],
    [
      'fails when the address is another one now',
      'kubectl get pods -o wide\nkubectl delete pod web\nkubectl run web --image=nginx\nkubectl get pods -o wide',
      'output-differs',
    ],
  ])('%s', async (_, script, code) => {
    const result = await grade('count-the-pods', { [scriptFile]: script }, addressesWanted);
    expect(result.checks[0]?.cause?.code).toBe(code);
  });
});
