/** `kubedrill list`: every exercise with where it stands. Nothing is graded and no cluster is made. */

import { statusSigns } from '../../reports/status-signs.ts';
import { type CommandContext, printNotices } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Prints sections and exercises in the order of the workbook. */
export async function runList(context: CommandContext): Promise<number> {
  const session = await context.openSession();
  let section = '';
  const entries = session.entries();
  const width = Math.max(0, ...entries.map(({ exercise }) => exercise.id.length));
  for (const entry of entries) {
    if (entry.section.folder !== section) {
      if (section !== '') context.print('');
      context.print(`${entry.section.title[context.language]} (${entry.section.id})`);
      section = entry.section.folder;
    }
    const { id, definition } = entry.exercise;
    context.print(
      `  ${statusSigns[entry.status]} ${id.padEnd(width)}  ${definition.title[context.language]}`,
    );
  }
  const passed = entries.filter(({ status }) => status === 'passed').length;
  context.print(entries.length === 0 ? '' : `\n${passed}/${entries.length}`);
  printNotices(context, session);
  return exitCodes.ok;
}
