import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { smallAnswers } from '../testing/small-workbook.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { keys, openScreen } from './testing/open-screen.tsx';

// Each test boots clusters, on machines of any speed.
vi.setConfig({ testTimeout: 60_000 });

const path = '01-first/01-services/give-it-a-name/service.yaml';
const right = smallAnswers[path] ?? '';
const wrong = right.replace('app: web', 'app: wbe');

/** A frame as it stands in a test: without the indentation and the lines at both ends. */
function drawn(frame: string): string {
  return frame.replace(/^\n/, '').replace(/\n *$/, '').replaceAll(/^ {6}/gm, '');
}

describe('the task', () => {
  it('stands alone in one column on 60 columns', async () => {
    const screen = await openScreen();
    expect(screen.frame()).toBe(
      drawn(`
       kubedrill  First                   0/2 passed · 0/4 points
       ──────────────────────────────────────────────────────────
       · to do · 0/3 points        build · 3 min · give-it-a-name

       Give it a name

       Make a Service.

       You write
         01-first/01-services/give-it-a-name/service.yaml



       ──────────────────────────────────────────────────────────
       n next  p previous  e edit  l list  h hint  ? help  q quit
      `),
    );
  });

  it('stands beside the list where there is room, in Korean too', async () => {
    const screen = await openScreen({ language: 'ko', size: { columns: 90, rows: 15 } });
    expect(screen.frame()).toBe(
      drawn(`
       kubedrill  첫 장                                                        0/2 통과 · 0/4점
       ────────────────────────────────────────────────────────────────────────────────────────
       서비스                     0/4 │ · 시작 전 · 0/3점         만들기 · 3분 · give-it-a-name
       ❯ · 이름 붙이기                │
         · 파드 세기                  │ 이름 붙이기
                                      │
                                      │ 서비스를 만드세요.
                                      │
                                      │ 쓸 파일
                                      │   01-first/01-services/give-it-a-name/service.yaml
                                      │
                                      │
       ────────────────────────────────────────────────────────────────────────────────────────
       n 다음  p 이전  e 편집  l 목록  h 힌트  t 경로  s 셸  v 설명  ? 도움말  q 끝내기
      `),
    );
  });

  it('is graded when it is saved: the first reason and its next step, then that it passed', async () => {
    const screen = await openScreen({ size: { columns: 60, rows: 24 } });
    screen.write(wrong);
    await screen.shows('→');
    expect(screen.frame()).toBe(
      drawn(`
       kubedrill  First                   0/2 passed · 1/4 points
       ──────────────────────────────────────────────────────────
       ✗ not yet · 1/3 points      build · 3 min · give-it-a-name

       Give it a name

       Make a Service.

       You write
         01-first/01-services/give-it-a-name/service.yaml

       Checks  1/3 points
       ✓ the Service web exists
       ✗ web answers
         Service default/web selects app=wbe, but Pod
         default/web-0 says app=web, so the Service has no
         endpoints (the rule in chain KUBE-SERVICES turned the
         packet away).
         → Compare kubectl get pods --show-labels with
           spec.selector of the Service and make the two agree.

       ──────────────────────────────────────────────────────────
       n next  p previous  e edit  l list  h hint  ? help  q quit
      `),
    );
    screen.write(right);
    await screen.shows('Passed. Press n for the next exercise.');
    expect(screen.frame()).toContain('✓ passed · 3/3 points');
    expect(screen.frame()).toContain('1/2 passed · 3/4 points');
  });

  it('says where a manifest is broken, and goes on', async () => {
    const screen = await openScreen({ size: { columns: 100, rows: 24 } });
    screen.write('apiVersion: v1\nkind: Service\nmetadata:\n\tname: web\n');
    await screen.shows('✗ service.yaml:4:1: the line is indented with a tab');
    screen.write(right);
    await screen.shows('Passed');
  });

  it('says when its file is gone, and r brings the starter back', async () => {
    const screen = await openScreen({ files: { [path]: wrong } });
    rmSync(join(screen.answers, dirname(path)), { recursive: true });
    await screen.shows('service.yaml is not there. Save it again, or press r');
    await screen.press('r');
    expect(screen.frame()).toContain("Put the starter's files back?");
    await screen.press('y');
    await screen.shows('Back to the start.');
    expect(screen.frame()).not.toContain('is not there');
  });

  it('is reset only by y, and says where the copy is', async () => {
    const screen = await openScreen({ files: { [path]: wrong }, size: { columns: 100, rows: 24 } });
    await screen.press('r', 'x');
    expect(screen.frame()).not.toContain('Put the starter');
    expect(screen.session.answer(screen.session.entries()[0]?.exercise ?? fail())[0]?.text).toBe(wrong);
    await screen.press('r', 'y');
    await screen.shows('What was there is kept in .kept/01-first/01-services/give-it-a-name/1');
  });

  it('says what it can not write', async () => {
    const file = join(makeFolder({ 'a-file': '' }), 'a-file');
    const screen = await openScreen({ answersFolder: file, size: { columns: 100, rows: 24 } });
    expect(screen.frame()).toMatch(/can't write [\s\S]*service\.yaml\s+\(E\w+\): look at its permissions/);
    expect(screen.frame()).toContain('Make a Service.');
  });

  it('turns to text that could not be read into one line', async () => {
    const screen = await openScreen();
    rmSync(join(screen.session.workbook.exercises[1]?.folder ?? fail(), 'task.en.md'));
    await screen.press('n');
    expect(screen.frame()).toContain('That did not work: ENOENT');
    expect(screen.frame()).toContain('Make a Service.');
  });
});

describe('keys', () => {
  it('n and p go through the exercises and say where they end', async () => {
    const screen = await openScreen();
    await screen.press('n');
    expect(screen.frame()).toContain('run · 2 min · count-the-pods');
    await screen.press('n');
    expect(screen.frame()).toContain('This is the last exercise.');
    await screen.press('p', 'p');
    expect(screen.frame()).toContain('This is the first exercise.');
  });

  it('h takes one hint after the other', async () => {
    const screen = await openScreen({ size: { columns: 60, rows: 30 } });
    await screen.press('h');
    expect(screen.frame()).toContain(' │ Hint 1/3\n │ one\n');
    await screen.press('h', 'h', 'h');
    expect(screen.frame()).toContain(' │ Hint 3/3\n │ three\n');
    expect(screen.frame()).toContain('There are no more hints.');
  });

  it('l lists, arrows and Enter choose', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 12 } });
    await screen.press('l', keys.down);
    expect(screen.frame()).toBe(
      drawn(`
       kubedrill  All exercises                               0/2 passed · 0/4 points
       ──────────────────────────────────────────────────────────────────────────────
       Services                                                                   0/4
         · Give it a name                  give-it-a-name  build · 3 min · 0/3 points
       ❯ · Count the Pods                    count-the-pods  run · 2 min · 0/1 points




       ──────────────────────────────────────────────────────────────────────────────
       ↑↓  Enter  Esc back  q quit
      `),
    );
    await screen.press(keys.enter);
    expect(screen.frame()).toContain('run · 2 min · count-the-pods');
  });

  it('t shows the way of the packet, which scrolls', async () => {
    const screen = await openScreen({ files: { [path]: wrong }, size: { columns: 100, rows: 20 } });
    await screen.shows('not yet');
    await screen.press('t');
    expect(screen.frame()).toContain('✗ web answers\n   Service default/web selects app=wbe');
    expect(screen.frame()).toMatch(/#\d+ SYN {2}tcp 10\.244/);
    expect(screen.frame()).toContain('more ──');
    await screen.press(keys.end);
    expect(screen.frame()).toContain('What your commands printed');
    expect(screen.frame()).toContain('service/web created');
    await screen.press('t');
    expect(screen.frame()).toContain('Checks');
  });

  it('what commands printed keeps its columns: every line begins at the same margin', async () => {
    const two = `${wrong}---\n${wrong.replace('name: web', 'name: more')}`;
    const screen = await openScreen({ files: { [path]: two }, size: { columns: 100, rows: 20 } });
    await screen.shows('not yet');
    await screen.press('t', keys.end);
    expect(screen.frame()).toContain('\n   service/web created\n   service/more created\n');
  });

  it('v and Tab show the lesson, ? the keys, Esc leads back', async () => {
    const screen = await openScreen({ size: { columns: 60, rows: 30 } });
    await screen.press('v');
    expect(screen.frame()).toContain('kubedrill  Lesson · Services');
    await screen.press(keys.tab, '?');
    expect(screen.frame()).toContain('  n       go to the next exercise');
    await screen.press(keys.escape);
    expect(screen.frame()).toContain('Make a Service.');
  });

  it('several that come at once are pressed one after the other', async () => {
    const screen = await openScreen();
    await screen.press('nh');
    expect(screen.frame()).toContain('Hint 1/3');
    expect(screen.frame()).toContain('count-the-pods');
  });
});

describe('the shell', () => {
  it('runs lines on the exercise’s cluster with the files as saved, and remembers them', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 30 } });
    await screen.press('s', 'kubectl get pods -o name', keys.enter);
    await screen.shows('pod/web-0\n default $');
    screen.write(right);
    await screen.press('cd /tmp; kubectl apply -f ~/service.yaml\r');
    await screen.shows('service/web created');
    await screen.press(keys.up, keys.up);
    expect(screen.frame()).toContain('\n default /tmp $ kubectl get pods -o name\n');
    await screen.press(keys.ctrlC);
    expect(screen.frame()).toContain('$ kubectl get pods -o name^C\n default /tmp $');
  });

  it('asks for the rest of a line that is not finished', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 30 } });
    await screen.press('s', 'for i in 1 2; do\r');
    expect(screen.frame()).toContain(' >');
    await screen.press('echo "<$i>"; done\r');
    await screen.shows('<1>\n <2>\n');
  });

  it('runs what was typed ahead of the end of a login at its own prompt', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 30 } });
    await screen.press('s', 'ssh worker-1\rhostname\rexit\rpwd; echo "back to $((1 + 1))"\r');
    await screen.shows('# exit\n default $ pwd; echo "back to $((1 + 1))"\n');
    await screen.shows('back to 2\n default $');
  });

  it('gives the other views their keys while a line runs, and the line its own again', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 30 } });
    await screen.press('s', 'kubectl get pods -w\r');
    await screen.shows('web-0');
    await screen.press(keys.escape, 'l');
    await screen.shows('All exercises');
    await screen.press('l', 's', 'echo later\r', keys.ctrlC);
    await screen.shows('^C\n default $');
    // Ctrl-C drops what was typed ahead of it, as a terminal does.
    expect(screen.frame()).not.toContain('later');
  });

  it('shows control characters, and never obeys them', async () => {
    const screen = await openScreen({ size: { columns: 80, rows: 30 } });
    await screen.press('s', String.raw`printf 'a\033[2Jb\007'`, keys.enter);
    await screen.shows('a␛[2Jb␇');
  });

  it.each([
    { name: 'exit', pressed: ['exit\r'] },
    { name: 'Ctrl-D', pressed: [keys.ctrlD] },
    { name: 'Esc', pressed: [keys.escape] },
  ])('is left by $name', async ({ pressed }) => {
    const screen = await openScreen();
    await screen.press('s');
    expect(screen.frame()).toContain('A cluster of your own');
    await screen.press(...pressed);
    expect(screen.frame()).toContain('Make a Service.');
  });
});

describe('the screen', () => {
  it('follows the terminal’s size, and says when that is too small', async () => {
    const screen = await openScreen();
    await screen.resize({ columns: 39, rows: 20 });
    expect(screen.frame()).toBe('Enlarge the terminal: 40x12 at least.');
    await screen.resize({ columns: 60, rows: 11 });
    expect(screen.frame()).toBe('Enlarge the terminal: 40x12 at least.');
    await screen.resize({ columns: 40, rows: 12 });
    expect(screen.frame()).toContain('Make a Service.');
    for (const row of screen.frame().split('\n')) expect(row.length).toBeLessThanOrEqual(40);
  });

  it('turns what breaks while drawing into a line, and Enter goes on', async () => {
    const screen = await openScreen();
    const [entry] = screen.workbench.store.get().entries;
    if (entry === undefined) throw new Error('the small workbook is empty');
    const entries = [Object.defineProperty({ ...entry }, 'section', { get: () => fail() })];
    const good = screen.workbench.store.get();
    screen.workbench.store.dispatch({ type: 'refreshed', page: {}, entries });
    await screen.press('v');
    expect(screen.frame()).toBe(
      'Something of kubedrill itself broke; your answers are safe\non disk.\nnot to be read\nEnter goes on, q quits.',
    );
    screen.workbench.store.dispatch({ type: 'refreshed', page: {}, entries: good.entries });
    await screen.press(keys.enter);
    expect(screen.frame()).toContain('Lesson');
  });
});

it('begins with the first exercise that is not passed', async () => {
  const answers = makeFolder({ [path]: right });
  const before = await openScreen({ answersFolder: answers });
  await before.shows('✓ passed');
  const screen = await openScreen({ answersFolder: answers });
  expect(screen.frame()).toContain('count-the-pods');
});

function fail(): never {
  throw new Error('not to be read');
}
