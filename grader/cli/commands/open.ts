/** `kubedrill` alone: the workbook. Without a terminal it is a plain report, so that a pipe or a log gets something too. */
import type { CommandContext } from '../context.ts';
import { runList } from './list.ts';

/** Prints where each exercise stands. */
export async function runOpen(context: CommandContext): Promise<number> {
  return runList(context);
}
