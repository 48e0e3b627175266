/** Which key does what to the line being typed. Source: readline(3), its default key bindings in emacs mode. */
import { type Edit, type InputLine, textOf } from './input-line.ts';
import type { KeyPress } from './key-press.ts';

/** What a key asks for. `end` is Ctrl-D on an empty line. */
export type LineCommand =
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'change'; readonly edit: Edit }
  | { readonly do: 'submit' | 'complete' | 'interrupt' }
  | { readonly do: 'end' }
  | { readonly do: 'clear' };

const changes: ReadonlyMap<KeyPress['kind'], Edit> = new Map<KeyPress['kind'], Edit>([
  ['backspace', 'erase'],
  ['delete', 'erase-next'],
  ['up', 'older'],
  ['down', 'newer'],
  ['left', 'left'],
  ['right', 'right'],
  ['word-left', 'word-left'],
  ['word-right', 'word-right'],
  ['home', 'start'],
  ['end', 'end'],
]);

const controls: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ['a', 'start'],
  ['e', 'end'],
  ['b', 'left'],
  ['f', 'right'],
  ['h', 'erase'],
  ['d', 'erase-next'],
  ['w', 'erase-word'],
  ['u', 'erase-before'],
  ['k', 'erase-after'],
  ['p', 'older'],
  ['n', 'newer'],
  ['r', 'search'],
  ['g', 'cancel-search'],
]);

/** The command of a key, if it has one. */
export function lineCommand(input: InputLine, key: KeyPress): LineCommand | undefined {
  switch (key.kind) {
    case 'text':
      return { do: 'type', text: key.text };
    case 'enter':
      return { do: 'submit' };
    case 'tab':
      return { do: 'complete' };
    case 'escape':
      return input.search === undefined ? undefined : { do: 'change', edit: 'cancel-search' };
    case 'ctrl':
      return controlCommand(input, key.letter);
    default: {
      const edit = changes.get(key.kind);
      return edit === undefined ? undefined : { do: 'change', edit };
    }
  }
}

function controlCommand(input: InputLine, letter: string): LineCommand | undefined {
  if (letter === 'c') {
    return input.search === undefined ? { do: 'interrupt' } : { do: 'change', edit: 'cancel-search' };
  }
  if (letter === 'd' && textOf(input) === '') return { do: 'end' };
  if (letter === 'l') return { do: 'clear' };
  if (letter === 'i') return { do: 'complete' };
  if (letter === 'j' || letter === 'm') return { do: 'submit' };
  const edit = controls.get(letter);
  return edit === undefined ? undefined : { do: 'change', edit };
}
