/**
 * From keys to what they do, one after the other: keys that come while a line runs in the shell are for it, or for the next
 * prompt.
 */

import { isInterrupt, type KeyPress } from '../../line-editor/key-press.ts';
import { divide, type Layout, type Size } from '../documents/layout.ts';
import { seeView } from '../documents/view.ts';
import { type Command, commandFor } from '../state/command.ts';
import type { Store } from '../state/store.ts';
import type { ExerciseEffects } from './exercise-effects.ts';
import type { ShellEffects } from './shell-effects.ts';

/** Why the screen is left. */
export type Leaving = 'quit' | 'edit' | 'edit-text';

export interface KeyboardOptions {
  readonly store: Store;
  readonly exercises: ExerciseEffects;
  readonly shell: ShellEffects;
}

/** Takes keys. `leave` ends the screen. */
export type Keyboard = (keys: readonly KeyPress[], size: Size, leave: (why: Leaving) => void) => void;

export function createKeyboard({ store, exercises, shell }: KeyboardOptions): Keyboard {
  const waiting: Press[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!shell.take(next.key)) await press(next);
    }
    isBusy = false;
  }

  function press({ key, size, leave }: Press): void | Promise<void> {
    const layout = divide(size);
    // Too small to see anything: only leaving makes sense.
    const command = layout === undefined ? leavingKey(key) : commandFor(store.get(), key);
    store.dispatch({ type: 'key-pressed' });
    if (command === undefined) return undefined;
    // A line may run for long: who leaves the shell meanwhile has the keys of the other views.
    if (command.do === 'submit') return void submit(size, leave);
    return perform(command, layout, leave);
  }

  async function submit(size: Size, leave: (why: Leaving) => void): Promise<void> {
    const unread = await shell.submit(() => leave('edit-text'));
    waiting.unshift(...unread.map((key) => ({ key, size, leave })));
    await work();
  }

  function perform(
    command: Exclude<Command, { do: 'submit' }>,
    layout: Layout | undefined,
    leave: (why: Leaving) => void,
  ): void | Promise<void> {
    switch (command.do) {
      case 'quit':
        return leave('quit');
      case 'edit':
        return leave('edit');
      case 'next':
        return exercises.openBeside(1);
      case 'previous':
        return exercises.openBeside(-1);
      case 'hint':
        return exercises.takeHint();
      case 'ask-reset':
        return store.dispatch({ type: 'reset-asked' });
      case 'reset':
        return exercises.reset();
      case 'choose':
        return exercises.open(store.get().listAt);
      case 'view':
        return command.view === 'shell'
          ? shell.enter()
          : store.dispatch({ type: 'viewed', view: command.view });
      case 'move':
        return store.dispatch({ type: 'list-moved', to: moveTo(command) });
      case 'scroll':
        return layout === undefined ? undefined : scroll(command, layout);
      case 'type':
        return store.dispatch({ type: 'shell-typed', text: command.text });
      case 'change':
        return store.dispatch({ type: 'shell-edited', edit: command.edit });
      case 'complete':
        return shell.complete(layout?.fullWidth ?? 0);
      case 'interrupt':
        waiting.length = 0;
        return shell.interrupt();
      case 'leave-shell':
        return store.dispatch({ type: 'viewed', view: 'task' });
      case 'end-shell':
        return shell.end();
      case 'clear-shell':
        return store.dispatch({ type: 'shell-cleared' });
    }
  }

  function moveTo({ by, towards }: Extract<Command, { do: 'move' }>): number {
    const { listAt, entries } = store.get();
    if (by === 'all') return towards > 0 ? entries.length - 1 : 0;
    return listAt + towards * (by === 'page' ? listPage : 1);
  }

  function scroll({ by, towards }: Extract<Command, { do: 'scroll' }>, layout: Layout): void {
    const state = store.get();
    const { top, lastTop, height } = seeView(state, layout);
    const wanted =
      by === 'all'
        ? towards * Number.MAX_SAFE_INTEGER
        : top + towards * (by === 'page' ? Math.max(1, height - 1) : 1);
    const to = Math.min(Math.max(0, wanted), lastTop);
    // At its end the shell's screen follows what is printed.
    store.dispatch({ type: 'scrolled', top: to === lastTop && state.view === 'shell' ? 'end' : to });
  }

  return (keys, size, leave) => {
    for (const key of keys) {
      // These two are for what is going on now, not for what waits behind it.
      const isUrgent = key.kind === 'escape' || isInterrupt(key);
      if (isUrgent && !shell.take(key)) void press({ key, size, leave });
      else if (!isUrgent) waiting.push({ key, size, leave });
    }
    void work();
  };
}

interface Press {
  readonly key: KeyPress;
  readonly size: Size;
  leave(why: Leaving): void;
}

/** As many exercises PageUp and PageDown pass over in the list. */
const listPage = 5;

function leavingKey(key: KeyPress): Command | undefined {
  const isLeaving = isInterrupt(key) || (key.kind === 'text' && key.text === 'q');
  return isLeaving ? { do: 'quit' } : undefined;
}
