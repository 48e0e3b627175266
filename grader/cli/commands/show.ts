/** `kubedrill show ID`: a task with the files to write, which are made from the starters now; or a section's lesson. */
import { relative } from 'node:path';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Prints the task's text and the paths of its files; for a section's id, its lesson. */
export async function runShow(context: CommandContext, id: string): Promise<number> {
  const session = await context.openSession();
  const section = session.workbook.chapters
    .flatMap((chapter) => chapter.sections)
    .find((candidate) => candidate.id === id);
  if (section !== undefined) {
    context.print(session.lesson(section).trimEnd());
    return exitCodes.ok;
  }
  const exercise = requireExercise(session, id);
  const started = session.start(exercise);
  context.print(session.task(exercise).trimEnd());
  context.print('');
  context.print({ ko: '쓸 파일:', en: 'Files to write:' }[context.language]);
  for (const { file } of session.answer(exercise))
    context.print(`  ${relative(context.io.cwd, file) || file}`);
  if (!started.ok) context.io.writeStderr(`${started.error[context.language]}\n`);
  printNotices(context, session);
  return exitCodes.ok;
}
