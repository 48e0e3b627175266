/** `kubedrill shell [ID]`: a shell in the exercise's world: at a terminal, line by line from a pipe, or one line with -c. */
import { createInterface } from 'node:readline';
import { isIncomplete } from '../../exercise/script.ts';
import { ShellFiles } from '../../shell-files.ts';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';
import { exitOf, type OpenedShell } from '../opened-shell.ts';

/** Runs the line and ends with its exit code, or reads lines until `exit` or the end of the input. */
export async function runShell(
  context: CommandContext,
  id: string | undefined,
  options: { readonly command?: string },
): Promise<number> {
  const session = await context.openSession();
  const exercise = id === undefined ? undefined : requireExercise(session, id);
  const shell = await session.openShell(exercise);
  const files = exercise === undefined ? undefined : new ShellFiles(session, exercise);
  printNotices(context, session);
  const opened: OpenedShell = {
    context,
    shell,
    async run(line, runOptions) {
      await files?.bringIn(shell);
      const result = await shell.run(line, runOptions);
      const told = (await files?.takeOut(shell)) ?? [];
      const notes = told.map((note) => `kubedrill: ${note[context.language]}\n`).join('');
      return { ...result, stderr: result.stderr + notes };
    },
    history: session.shellHistory(),
    keepHistory: (lines) => session.keepShellHistory(lines),
  };
  if (options.command !== undefined) return runLine(opened, options.command);
  if (context.io.terminal === undefined) return readLines(opened);
  const { runInteractive } = await import('../interactive-shell.ts');
  return runInteractive(opened, context.io.terminal);
}

async function runLine({ context, run }: OpenedShell, line: string): Promise<number> {
  const result = await run(line, {});
  context.io.writeStdout(result.stdout);
  context.io.writeStderr(result.stderr);
  return result.exitCode;
}

/** A script that comes through a pipe: there is nobody to prompt. */
async function readLines(opened: OpenedShell): Promise<number> {
  const reader = createInterface({ input: opened.context.io.stdin, terminal: false });
  let typed = '';
  let lastCode: number = exitCodes.ok;
  for await (const line of reader) {
    typed += line;
    if (isIncomplete(typed)) {
      typed += '\n';
      continue;
    }
    const code = exitOf(typed, lastCode);
    if (code !== undefined) return code;
    lastCode = await runLine(opened, typed);
    typed = '';
  }
  return typed === '' ? lastCode : runLine(opened, typed);
}
