import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadEngine } from './load-engine.ts';
import { openSession } from './session.ts';
import { ShellFiles } from './shell-files.ts';
import { smallWorkbook } from './testing/small-workbook.ts';
import { makeFolder } from './testing/temporary-folder.ts';

const file = '01-first/01-services/give-it-a-name/service.yaml';

async function openShell() {
  const answersFolder = makeFolder({});
  const session = await openSession({
    root: makeFolder(smallWorkbook),
    answersFolder,
    language: 'en',
    loadEngine,
  });
  const exercise = session.find('give-it-a-name');
  if (!exercise.ok) throw new Error('no exercise');
  const shell = await session.openShell(exercise.value);
  const files = new ShellFiles(session, exercise.value);
  await files.bringIn(shell);
  return { shell, files, onDisk: join(answersFolder, file) };
}

it('writes what a line changed to the answer, and brings in what was saved there', async () => {
  const { shell, files, onDisk } = await openShell();
  await shell.run("echo 'kind: Service' > service.yaml; echo other > notes.txt");
  expect(await files.takeOut(shell)).toEqual([]);
  expect(readFileSync(onDisk, 'utf8')).toBe('kind: Service\n');
  writeFileSync(onDisk, 'kind: Pod\n');
  await shell.run('cd /tmp');
  await files.bringIn(shell);
  expect((await shell.run('cat ~/service.yaml')).stdout).toBe('kind: Pod\n');
});

it('keeps what was saved outside while the shell changed the same file', async () => {
  const { shell, files, onDisk } = await openShell();
  await shell.run('echo inside > service.yaml');
  writeFileSync(onDisk, 'outside\n');
  const [told] = await files.takeOut(shell);
  expect(readFileSync(onDisk, 'utf8')).toBe('inside\n');
  const kept = /kept in (.*)$/.exec(told?.en ?? '')?.[1] ?? '';
  expect(readFileSync(kept, 'utf8')).toBe('outside\n');
});
