/** `kubedrill shell [ID]`: a shell in the exercise's world, line by line, or one line with -c. */
import { createInterface } from 'node:readline';
import type { Shell } from '../../../engine/index.ts';
import { isIncomplete } from '../../exercise/script.ts';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Runs the line and ends with its exit code, or reads lines until `exit` or the end of the input. */
export async function runShell(
  context: CommandContext,
  id: string | undefined,
  options: { readonly command?: string },
): Promise<number> {
  const session = await context.openSession();
  const exercise = id === undefined ? undefined : requireExercise(session, id);
  const shell = await session.openShell(exercise);
  printNotices(context, session);
  if (options.command !== undefined) return runLine(context, shell, options.command, undefined);
  return readLines(context, shell);
}

async function runLine(
  context: CommandContext,
  shell: Shell,
  line: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const result = await shell.run(line, signal === undefined ? {} : { signal });
  context.io.writeStdout(result.stdout);
  context.io.writeStderr(result.stderr);
  return result.exitCode;
}

/** Ctrl-C drops what is being typed, or ends the command being run; Ctrl-D ends the shell. */
async function readLines(context: CommandContext, shell: Shell): Promise<number> {
  const { io } = context;
  const reader = createInterface({
    input: io.stdin,
    ...(io.terminal === undefined ? { terminal: false } : { output: io.terminal.output, terminal: true }),
  });
  let typed = '';
  let running: AbortController | undefined;
  let lastCode: number = exitCodes.ok;
  const prompt = () => {
    reader.setPrompt(typed === '' ? '$ ' : '> ');
    if (io.terminal !== undefined) reader.prompt();
  };
  reader.on('SIGINT', () => {
    if (running !== undefined) return running.abort();
    typed = '';
    io.writeStdout('^C\n');
    reader.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  prompt();
  for await (const line of reader) {
    typed += line;
    if (isIncomplete(typed)) {
      typed += '\n';
      prompt();
      continue;
    }
    const leave = /^\s*exit(?:\s+([0-9]{1,3}))?\s*$/.exec(typed);
    if (leave !== null) return leave[1] === undefined ? lastCode : Number(leave[1]) & 0xff;
    running = new AbortController();
    lastCode = await runInterruptible(context, shell, typed, running.signal);
    running = undefined;
    typed = '';
    prompt();
  }
  return typed === '' ? lastCode : runLine(context, shell, typed, undefined);
}

async function runInterruptible(
  context: CommandContext,
  shell: Shell,
  line: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await runLine(context, shell, line, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    // Source: bash(1): a command ended by signal N has the exit status 128+N; SIGINT is 2.
    return 130;
  }
}
