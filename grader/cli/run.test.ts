import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { knownImages } from '../../engine/index.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import type { Io } from './io.ts';
import { runCli } from './run.ts';

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(cwd: string, argv: readonly string[], env: Io['env'] = {}): Promise<Outcome> {
  const printed = { stdout: '', stderr: '' };
  const exitCode = await runCli(argv, {
    writeStdout: (text) => {
      printed.stdout += text;
    },
    writeStderr: (text) => {
      printed.stderr += text;
    },
    stdin: Readable.from([]),
    env,
    cwd,
    terminal: undefined,
    onInterrupt: () => {},
  });
  return { exitCode, ...printed };
}

const noNat = 'answers/03-networking/01-pod-network/no-nat';

describe('wrong use ends with 2 and one line', () => {
  it.each([
    { argv: ['lst'], want: 'kubedrill: unknown command "lst"; did you mean "list"?\n' },
    { argv: ['list', '--jsn'], want: "kubedrill: unknown option '--jsn'\n" },
    { argv: ['show'], want: "kubedrill: missing required argument 'id'\n" },
    { argv: ['show', 'no-nta'], want: 'kubedrill: there is no exercise "no-nta"; did you mean "no-nat"?\n' },
    {
      argv: ['check', 'nothing-like-it'],
      want: 'kubedrill: there is no exercise "nothing-like-it"; see `kubedrill list`\n',
    },
    {
      argv: ['list', 'extra'],
      want: "kubedrill: too many arguments for 'list'. Expected 0 arguments but got 1.\n",
    },
    { argv: ['--lang', 'fr', 'list'], want: 'kubedrill: unknown language "fr": ko or en\n' },
    {
      argv: ['--lang', 'ko', 'show', 'no-na'],
      want: 'kubedrill: "no-na"라는 연습 문제가 없습니다. "no-nat"인가요?\n',
    },
    {
      argv: ['list', '--path', 'slow'],
      want: 'kubedrill: --path slow: there are only all, and fast for one exercise a section\n',
    },
    {
      argv: ['glossary', 'targetPrt'],
      want: 'kubedrill: the glossary has no "targetPrt"; did you mean "targetport"?\n',
    },
    {
      argv: ['list', '--workbook', 'nowhere'],
      want: 'kubedrill: nowhere holds no folder chapters: name the folder of a workbook with --workbook\n',
    },
    {
      argv: ['new', '06-target-prt/x'],
      want: 'kubedrill: there is no section "06-target-prt"; did you mean "06-target-port"?\n',
    },
    {
      argv: ['new', '../x'],
      want: 'kubedrill: "../x": write SECTION/ID or CHAPTER/SECTION/ID, each lower-case words joined by hyphens\n',
    },
    {
      argv: ['grade', 'nowhere'],
      want: 'kubedrill: nowhere holds no answers: name a folder of answers, or one that holds such folders\n',
    },
  ])('$argv', async ({ argv, want }) => {
    expect(await run(makeFolder(), argv)).toEqual({ exitCode: 2, stdout: '', stderr: want });
  });
});

it('says so when the answers are no folder', async () => {
  const folder = makeFolder({ file: '' });
  const want = `kubedrill: ${join(folder, 'file')} is not a folder: choose one for the answers with --answers\n`;
  expect(await run(folder, ['check', '--answers', 'file'])).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: want,
  });
});

it.each([
  '',
  'list',
  'show',
  'check',
  'hint',
  'glossary',
  'images',
  'reset',
  'shell',
  'grade',
  'verify',
  'new',
])('explains itself with an example: kubedrill %s --help', async (command) => {
  const help = await run(
    makeFolder(),
    [command, '--help'].filter((word) => word !== ''),
  );
  expect(help).toMatchObject({ exitCode: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: kubedrill/);
  expect(help.stdout).toMatch(/\nExample:\n {2}\$ npx kubedrill/);
  const korean = await run(
    makeFolder(),
    [command, '--help'].filter((word) => word !== ''),
    { LANG: 'ko_KR.UTF-8' },
  );
  expect(korean.stdout).toContain('예:');
});

describe('a folder that nobody worked in', () => {
  it('is all todo, fails nothing, and is left as it was', async () => {
    const cwd = makeFolder();
    const { exitCode, stdout } = await run(cwd, ['check']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^· an-address-for-every-pod\n/);
    expect(stdout).toMatch(/\n0 passed, 0 failed, \d+ todo\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('is listed by sections, in the language of the locale', async () => {
    const { stdout } = await run(makeFolder(), ['list'], { LC_ALL: 'ko_KR.UTF-8' });
    expect(stdout).toMatch(/^쿠버네티스 네트워킹 \(01-pod-network\)\n {2}· an-address-for-every-pod /);
  });

  it('gets the same from kubedrill alone, without a terminal', async () => {
    const cwd = makeFolder();
    expect(await run(cwd, [])).toEqual(await run(cwd, ['list']));
  });

  it('is graded as a submission without points', async () => {
    const cwd = makeFolder({ 'one/answers/learner.yaml': 'id: one\n', 'two/answers/x': '' });
    const { exitCode, stdout } = await run(cwd, ['grade', '.']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^SUBMISSION {2}LEARNER {2}PASSED {2}FAILED {2}TODO {2}ERRORED {2}POINTS {2}NOTE\n/,
    );
    expect(stdout).toMatch(/\n\.\/one +one +0 +0 +\d+ +0 +0\/\d+\n/);
    expect(stdout).toMatch(/\n\.\/two +- +0 +0 +\d+ +0 +0\/\d+ +no learner.yaml\n$/);
  });
});

describe('a learner at work', () => {
  it('gets the task and its files from show', async () => {
    const cwd = makeFolder();
    const { exitCode, stdout } = await run(cwd, ['show', 'no-nat', '--lang', 'en']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`\nFiles to write:\n {2}${noNat}/values.yaml\n$`));
    expect(existsSync(join(cwd, noNat, 'values.yaml'))).toBe(true);
    expect(readFileSync(join(cwd, 'answers/learner.yaml'), 'utf8')).toMatch(/\nid: [0-9a-f-]{36}\n$/);
  });

  it('takes hints one by one until there are no more', async () => {
    const cwd = makeFolder();
    const first = await run(cwd, ['hint', 'no-nat']);
    expect(first.stdout).toMatch(/^1\/3 {2}/);
    expect((await run(cwd, ['hint', 'no-nat'])).stdout).toMatch(/^2\/3 {2}/);
    expect((await run(cwd, ['hint', 'no-nat'])).stdout).toMatch(/^3\/3 {2}/);
    expect((await run(cwd, ['hint', 'no-nat'])).stdout).toMatch(
      /^3\/3 {2}[\s\S]*There are no more hints.\n$/,
    );
  });

  it('keeps what reset replaces', async () => {
    const cwd = makeFolder();
    await run(cwd, ['show', 'no-nat']);
    writeFileSync(join(cwd, noNat, 'values.yaml'), 'mine: 1\n');
    const { stdout } = await run(cwd, ['reset', 'no-nat']);
    const kept = 'answers/.kept/03-networking/01-pod-network/no-nat/1';
    expect(stdout).toBe(`no-nat: back to the start; what was there is kept in ${kept}\n`);
    expect(readFileSync(join(cwd, kept, 'values.yaml'), 'utf8')).toBe('mine: 1\n');
  });

  it('is told in one line when the folder can not be written', async () => {
    const cwd = makeFolder({ 'answers/03-networking': 'a file' });
    const { exitCode, stderr } = await run(cwd, ['reset', 'no-nat']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^kubedrill: can't write [^\n]*\n$/);
  });
});

describe("an instructor's own workbook", () => {
  it('begins with `new`, is sound at once, and its debrief is told to who passed', async () => {
    const folder = makeFolder();
    const own = ['--workbook', '.', '--lang', 'en'];
    expect(await run(folder, ['new', '01-week/01-first/hello', ...own])).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await run(folder, ['new', '01-first/second', ...own])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run(folder, ['new', '01-first/second', ...own])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'kubedrill: chapters/01-week/01-first/second exists already: choose another id\n',
    });
    const list = await run(folder, ['list', ...own]);
    expect(list.stdout).toMatch(/hello .*\n.*second /);
    expect((await run(folder, ['list', '--path', 'fast', ...own])).stdout).not.toContain('second');
    const verified = await run(folder, ['verify', 'hello', ...own]);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    const task = await run(folder, ['show', 'hello', ...own]);
    expect(task.stdout).toContain('Make the Service `web` answer at port 80');
    const solution = readFileSync(join(folder, 'solutions/01-week/01-first/hello/solution/service.yaml'));
    writeFileSync(join(folder, 'answers/01-week/01-first/hello/service.yaml'), solution);
    const checked = await run(folder, ['check', 'hello', ...own]);
    expect(checked.stdout).toMatch(/^✓ hello {2}1\/1\n\nWhy it works\n/);
  });
});

it('lists every image by the name and the tags that a manifest may give', async () => {
  const { stdout, exitCode } = await run(makeFolder(), ['images']);
  expect(exitCode).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(knownImages().size);
  expect(lines.find((line) => line.startsWith('nginx '))).toContain('latest');
  expect(lines.find((line) => line.startsWith('registry.k8s.io/pause '))).toBeDefined();
});

it.each([
  { term: 'EndpointSlice', lang: 'ko', want: '엔드포인트슬라이스 (EndpointSlice)' },
  { term: '엔드포인트슬라이스', lang: 'en', want: 'EndpointSlice (엔드포인트슬라이스)' },
  { term: 'sandbox', lang: 'en', want: 'pause container (pause 컨테이너)' },
])('the glossary explains $term, however it is written', async ({ term, lang, want }) => {
  const { stdout, exitCode } = await run(makeFolder(), ['glossary', term, '--lang', lang]);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')[0]).toBe(want);
});
