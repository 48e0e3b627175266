/** The person's editor: `$VISUAL`, otherwise `$EDITOR`, with the terminal to itself. */
import { err, ok, type Result } from '../result.ts';

/** Runs an editor on files, and resolves when it has ended with why it could not be run. */
export type RunEditor = (files: readonly string[]) => Promise<Result<undefined, string>>;

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
