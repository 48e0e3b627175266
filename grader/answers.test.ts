/**
 * The learner's own answers as tests: untouched ones are todo, wrong ones fail with the sentence that the UI shows. Nothing
 * here is about kubedrill itself.
 */
import { describe, it } from 'vitest';
import { chooseLanguage } from './cli/language.ts';
import { loadEngine } from './load-engine.ts';
import { tellFirstReason } from './reports/tell.ts';
import { openSession } from './session.ts';

const { env } = process;
const language = chooseLanguage(undefined, env);
const session = await openSession({
  language,
  answersFolder: env.KUBEDRILL_ANSWERS ?? 'answers',
  loadEngine,
});

for (const { exercise, status } of session.entries()) {
  const [chapter, section] = exercise.path.split('/');
  describe(`${chapter}/${section}`, () => {
    if (status === 'todo') it.todo(exercise.id);
    else {
      it(exercise.id, async () => {
        const result = await session.grade(exercise);
        if (result.status === 'passed') return;
        const told = tellFirstReason(result, language);
        throw withoutStack([told?.sentence ?? result.status, told?.nextStep ?? ''].join('\n').trim());
      });
    }
  });
}

/** Lines of this file would say nothing to a learner. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
