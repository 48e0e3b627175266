/** A text that is in no file, in an editor that works on files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ok, type Result } from './result.ts';

/** Runs an editor on files, and resolves when it has ended with why it could not be run. */
export type RunEditor = (files: readonly string[]) => Promise<Result<undefined, string>>;

/** Hands over a text under a file's name, and gives what was saved. */
export async function editText(run: RunEditor, path: string, text: string): Promise<Result<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedrill-edit-'));
  try {
    const file = join(folder, basename(path));
    writeFileSync(file, text);
    const edited = await run([file]);
    return edited.ok ? ok(readFileSync(file, 'utf8')) : edited;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
