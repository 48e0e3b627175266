/**
 * The learner's files for programs of the client machine that take names of files (curl, openssl, wget): what lies under a word
 * of the command line is put where the program finds it, and what the program writes under such a word is taken back.
 */
import type { CommandSurroundings } from './kubectl-host.ts';
import type { ShellHost, ShellResult } from './shell-host.ts';

/** Programs that read or write files that their command line names. */
export const programsWithFiles: ReadonlySet<string> = new Set(['curl', 'openssl', 'wget']);

/** Words that are looked at; a line with more names no more files. */
const maxWords = 100;

/** Runs a program on the client machine with the learner's files about it. */
export async function runWithFiles(
  host: ShellHost,
  argv: readonly string[],
  { files, cwd, stdin }: CommandSurroundings,
): Promise<ShellResult> {
  const texts = new Map<string, string>();
  const paths = new Set(argv.slice(1, maxWords).flatMap((word) => pathsIn(word, cwd)));
  for (const path of paths) {
    const text = await files.read(path);
    if (text !== undefined) texts.set(path, text);
  }
  const { result, written } = host.runAmongFiles(argv, stdin, { cwd, texts, paths: [...paths] });
  for (const [path, text] of written) await files.write(path, text);
  return result;
}

/** The paths that a word may stand for: itself, what follows `@` or `=`, a short option's value, and a URL's last part. */
function pathsIn(word: string, cwd: string): readonly string[] {
  const candidates = word.startsWith('-') ? [word.slice(2)] : [word, word.replace(/^@/, '')];
  const equals = word.indexOf('=');
  if (equals >= 0) candidates.push(word.slice(equals + 1));
  if (word.includes('/')) candidates.push((word.split(/[?#]/, 1)[0] ?? '').split('/').at(-1) || 'index.html');
  return candidates
    .filter((text) => /^[\w./+ ~-]{1,200}$/.test(text) && !/^(?:\.*|\/.*\/|\/)$/.test(text))
    .map((text) => resolvePath(cwd, text))
    .filter((path) => !path.startsWith('/dev/'));
}

function resolvePath(cwd: string, path: string): string {
  const steps: string[] = [];
  for (const step of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}
