import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession, type Session, WorkbookError } from './session.ts';
import { smallWorkbook } from './testing/small-workbook.ts';
import { makeFolder } from './testing/temporary-folder.ts';

const service = '01-first/01-services/give-it-a-name/service.yaml';

async function open(answersFolder: string): Promise<Session> {
  return openSession({
    root: makeFolder(smallWorkbook),
    answersFolder,
    language: 'en',
    loadEngine: () => Promise.reject(new Error('no cluster here')),
  });
}

function first(session: Session) {
  const [entry] = session.entries();
  if (entry === undefined) throw new Error('the small workbook is empty');
  return entry;
}

describe('a session', () => {
  it('knows where each exercise stands without grading it', async () => {
    const answers = makeFolder();
    const session = await open(answers);
    expect(session.entries().map(({ status }) => status)).toEqual(['todo', 'todo']);
    session.start(first(session).exercise);
    expect(first(session).status).toBe('todo');
    writeFileSync(join(answers, service), 'mine');
    expect(first(session).status).toBe('changed');
    expect(session.answer(first(session).exercise)).toEqual([
      { path: 'service.yaml', file: join(answers, service), text: 'mine' },
    ]);
  });

  it('says errored when something of ours breaks, and stays open', async () => {
    const answers = makeFolder({ [service]: 'mine' });
    const session = await open(answers);
    const { exercise } = first(session);
    const result = await session.grade(exercise);
    expect(result).toMatchObject({ status: 'errored', points: 0, maxPoints: 3 });
    expect(result.checks.map(({ status, error }) => [status, error])).toEqual([
      ['errored', 'no cluster here'],
      ['errored', 'no cluster here'],
    ]);
    expect(session.lastResult(exercise)).toBe(result);
    expect(first(session).status).toBe('errored');
  });

  it('gives texts in its language, and hints one after the other', async () => {
    const session = await open(makeFolder());
    const { exercise, section } = first(session);
    expect(session.task(exercise)).toBe('# Give it a name\n\nMake a Service.\n');
    expect(session.lesson(section)).toBe('# Services\n');
    expect(session.hints(exercise)).toEqual([]);
    expect(session.takeHint(exercise)).toEqual({ number: 1, of: 3, text: 'one' });
    session.takeHint(exercise);
    session.takeHint(exercise);
    expect(session.takeHint(exercise)).toBeUndefined();
    expect(first(session).hintsTaken).toBe(3);
  });

  it('hears of changes, also of files and folders that come and go', async () => {
    const answers = makeFolder({ [service]: 'one' });
    const session = await open(answers);
    const { exercise } = first(session);
    const heard: (string | undefined)[] = [];
    const stop = session.watch(exercise, () => heard.push(session.answer(exercise)[0]?.text));
    const waitFor = (count: number) => expect.poll(() => heard.length, { timeout: 3000 }).toBe(count);
    writeFileSync(join(answers, service), 'two');
    await waitFor(1);
    rmSync(join(answers, dirname(service)), { recursive: true });
    await waitFor(2);
    mkdirSync(join(answers, dirname(service)));
    writeFileSync(join(answers, service), 'three');
    await waitFor(3);
    stop();
    expect(heard).toEqual(['two', undefined, 'three']);
  });

  it('is not opened on a workbook that is broken, and says where it is', async () => {
    const root = makeFolder({ ...smallWorkbook, 'chapters/01-first/chapter.yaml': 'id: [' });
    const opened = openSession({ root, language: 'en', loadEngine: () => Promise.reject(new Error()) });
    await expect(opened).rejects.toThrow(WorkbookError);
    await expect(opened).rejects.toThrow(/^chapters\/01-first\/chapter.yaml:1:\d+: not readable as YAML/);
  });
});
