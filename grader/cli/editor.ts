/** The person's editor: `$VISUAL`, otherwise `$EDITOR`, with the terminal to itself. */
import type { RunEditor } from '../edit-text.ts';
import { err, ok } from '../result.ts';

/** The editor that the environment names; undefined where it names none. Words after the first are its arguments. */
export function findEditor(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): RunEditor | undefined {
  const named = [env.VISUAL, env.EDITOR].find((value) => value !== undefined && value.trim() !== '');
  if (named === undefined) return undefined;
  const [program = '', ...args] = named.trim().split(/\s+/);
  return async (files) => {
    const { execa } = await import('execa');
    const ended = await execa(program, [...args, ...files], { stdio: 'inherit', cwd, reject: false });
    if (ended.exitCode === 0 || ended.isTerminated) return ok(undefined);
    return err(
      ended.exitCode === undefined
        ? `${program}: ${ended.code ?? ended.shortMessage}`
        : `${program}: ${ended.exitCode}`,
    );
  };
}
