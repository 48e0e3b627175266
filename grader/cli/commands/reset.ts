/** `kubedrill reset ID`: the starter's files again; what was there is kept. */
import { relative } from 'node:path';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes, PlainError } from '../io.ts';

/** Puts the starter back and says where the old answer is. */
export async function runReset(context: CommandContext, id: string): Promise<number> {
  const session = await context.openSession();
  const exercise = requireExercise(session, id);
  const reset = session.reset(exercise);
  if (!reset.ok) throw new PlainError(reset.error[context.language]);
  const { keptIn } = reset.value;
  const kept = keptIn === undefined ? undefined : relative(context.io.cwd, keptIn) || keptIn;
  context.print(
    {
      ko: `${id}: 처음 상태로 되돌렸습니다${kept === undefined ? '' : `. 있던 것은 ${kept}에 남겨 두었습니다`}`,
      en: `${id}: back to the start${kept === undefined ? '' : `; what was there is kept in ${kept}`}`,
    }[context.language],
  );
  printNotices(context, session);
  return exitCodes.ok;
}
