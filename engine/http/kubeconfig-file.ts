/**
 * The kubeconfig file of a served cluster: written whole beside its place and renamed into it, so that no reader ever meets
 * half a file, and readable by its owner only, since it holds a token.
 */
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import { type KubeconfigEntry, mergeEntry, removeEntry } from './kubeconfig-text.ts';

/** An entry that stands in a file. */
export interface WrittenKubeconfig {
  /** Takes the entry out; the context that was current before is current again. Failures say why. */
  remove(): Result<void, string>;
}

/** Puts an entry into a file, which need not exist. */
export function writeKubeconfig(path: string, entry: KubeconfigEntry): Result<WrittenKubeconfig, string> {
  return attempt(path, () => {
    const merged = mergeEntry(readIfThere(path), entry);
    if (!merged.ok) return err(`${path}: ${merged.error}`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, merged.value.text);
    const { previousContext } = merged.value;
    return ok({ remove: () => attempt(path, () => takeOut(path, entry, previousContext)) });
  });
}

function takeOut(path: string, entry: KubeconfigEntry, previousContext: string): Result<void, string> {
  const text = readIfThere(path);
  if (text === '') return ok(undefined);
  const rest = removeEntry(text, entry, previousContext);
  if (!rest.ok) return err(`${path}: ${rest.error}`);
  if (rest.value === undefined) rmSync(path, { force: true });
  else if (rest.value !== text) replaceFile(path, rest.value);
  return ok(undefined);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function replaceFile(path: string, text: string): void {
  const target = realPath(path);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flag: 'wx' });
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** Where a link leads, so that renaming replaces the file and not the link. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function attempt<T>(path: string, action: () => Result<T, string>): Result<T, string> {
  try {
    return action();
  } catch (error) {
    return err(`${path}: ${codeOf(error) ?? String(error)}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
