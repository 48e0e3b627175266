/** The lines typed in the shell, kept beside the answers from one session to the next. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFileBelow } from '../submission/read-file.ts';

const historyFile = '.shell-history';
/** As many lines are kept. Source: bash(1), HISTFILESIZE's default. */
const mostLines = 500;
/** What ends a line of a command that has several. */
const newlineInside = '\u2028';

/** The lines kept in a folder of answers, the oldest first; none where they can't be read. */
export function readShellHistory(answersFolder: string): readonly string[] {
  const read = readFileBelow(answersFolder, historyFile);
  if (!read.ok) return [];
  const lines = read.value.split('\n').filter((line) => line !== '');
  return lines.slice(-mostLines).map((line) => line.replaceAll(newlineInside, '\n'));
}

/** Keeps the lines. A folder that can't be written costs no more than the history. */
export function writeShellHistory(answersFolder: string, lines: readonly string[]): void {
  const text = lines.slice(-mostLines).map((line) => `${line.replaceAll('\n', newlineInside)}\n`);
  const temporary = join(answersFolder, `${historyFile}.new`);
  try {
    mkdirSync(answersFolder, { recursive: true });
    rmSync(temporary, { force: true });
    writeFileSync(temporary, text.join(''), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, join(answersFolder, historyFile));
  } catch {}
}
