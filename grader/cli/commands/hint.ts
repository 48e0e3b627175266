/** `kubedrill hint ID`: the next hint, after those taken already. */
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes } from '../io.ts';

/** Takes a hint and prints it; when all are taken, prints the last one again and says so. */
export async function runHint(context: CommandContext, id: string): Promise<number> {
  const session = await context.openSession();
  const exercise = requireExercise(session, id);
  const next = session.takeHint(exercise);
  const hint = next ?? session.hints(exercise).at(-1);
  if (hint !== undefined) context.print(`${hint.number}/${hint.of}  ${hint.text.trimEnd()}`);
  if (next === undefined) {
    context.print({ ko: '더 이상 힌트가 없습니다.', en: 'There are no more hints.' }[context.language]);
  }
  printNotices(context, session);
  return exitCodes.ok;
}
