/** `kubedrill list`: every exercise with where it stands. Nothing is graded and no cluster is made. */
import type { Localized } from '../../exercise/schema.ts';
import { statusSigns } from '../../reports/status-signs.ts';
import { type CommandContext, printNotices } from '../context.ts';
import { exitCodes, UsageError } from '../io.ts';

/** Prints sections and exercises in the order of the workbook; on the path `fast` one exercise a section. */
export async function runList(
  context: CommandContext,
  { path = 'all' }: { readonly path?: string } = {},
): Promise<number> {
  if (path !== 'all' && path !== 'fast') throw new UsageError(unknownPath(path)[context.language]);
  const session = await context.openSession();
  let section = '';
  const entries = session
    .entries()
    .filter((entry) => path === 'all' || entry.section.fast === entry.exercise.id);
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

function unknownPath(path: string): Localized {
  return {
    ko: `--path ${path}: all(전부)과 fast(절마다 하나)만 있습니다`,
    en: `--path ${path}: there are only all, and fast for one exercise a section`,
  };
}
