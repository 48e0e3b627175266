/** `kubedrill` alone: the workbook. Without a terminal it is a plain report, so that a pipe or a log gets something too. */
import type { CommandContext } from '../context.ts';
import { findEditor } from '../editor.ts';
import { exitCodes } from '../io.ts';
import { runList } from './list.ts';

/** Opens the UI, or prints where each exercise stands. */
export async function runOpen(context: CommandContext): Promise<number> {
  const { terminal, env, cwd } = context.io;
  if (terminal === undefined) return runList(context);
  const [{ openUi }, session] = await Promise.all([import('../../ui/open-ui.tsx'), context.openSession()]);
  await openUi({
    session,
    stdin: terminal.input,
    stdout: terminal.output,
    cwd,
    // Source: no-color.org: set and not empty.
    hasColour: (env.NO_COLOR ?? '') === '',
    edit: findEditor(env, cwd),
  });
  return exitCodes.ok;
}
