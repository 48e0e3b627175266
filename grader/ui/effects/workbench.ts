/** The parts of the UI that outlive a screen: the state, what changes it, and the keys' meaning. */
import type { Session } from '../../session.ts';
import { firstState } from '../state/state.ts';
import { createStore, type Store } from '../state/store.ts';
import { createExerciseEffects, type ExerciseEffects } from './exercise-effects.ts';
import { createKeyboard, type Keyboard } from './keyboard.ts';
import { createShellEffects, type ShellEffects } from './shell-effects.ts';

export interface Workbench {
  readonly store: Store;
  readonly keyboard: Keyboard;
  readonly exercises: ExerciseEffects;
  readonly shell: ShellEffects;
  /** Opens the first exercise that is not passed. */
  begin(): void;
  stop(): void;
}

/** A workbench on a session; paths are shown relative to `cwd`. */
export function createWorkbench(session: Session, cwd: string): Workbench {
  const store = createStore(firstState(session.language, session.entries()));
  const exercises = createExerciseEffects({ session, store, cwd });
  const shell = createShellEffects({ session, store });
  return {
    store,
    keyboard: createKeyboard({ store, exercises, shell }),
    exercises,
    shell,
    begin() {
      const { entries } = store.get();
      exercises.open(
        Math.max(
          0,
          entries.findIndex(({ status }) => status !== 'passed'),
        ),
      );
    },
    stop: () => exercises.stop(),
  };
}
