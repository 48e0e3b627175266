/** Which key does what, depending on what is on screen. Nothing is done here. */
import type { Edit } from '../../line-editor/input-line.ts';
import { isInterrupt, type KeyPress } from '../../line-editor/key-press.ts';
import { lineCommand } from '../../line-editor/line-command.ts';
import type { UiState, View } from './state.ts';

/** What a key asks for. */
export type Command =
  | { readonly do: 'quit' | 'next' | 'previous' | 'hint' | 'edit' | 'ask-reset' | 'reset' | 'choose' }
  | { readonly do: 'view'; readonly view: View }
  | { readonly do: 'scroll'; readonly by: 'line' | 'page' | 'all'; readonly towards: 1 | -1 }
  | { readonly do: 'move'; readonly by: 'line' | 'page' | 'all'; readonly towards: 1 | -1 }
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'change'; readonly edit: Edit }
  | { readonly do: 'submit' | 'complete' | 'interrupt' | 'leave-shell' | 'end-shell' | 'clear-shell' };

/** The command of a key, if it has one. */
export function commandFor(state: UiState, key: KeyPress): Command | undefined {
  if (state.view === 'shell') return shellCommand(state, key);
  if (key.kind === 'ctrl') return isInterrupt(key) ? { do: 'quit' } : undefined;
  if (state.isAsking) return key.kind === 'text' && /^[yYㅛ]$/.test(key.text) ? { do: 'reset' } : undefined;
  if (key.kind === 'text') return letterCommand(state.view, key.text);
  if (state.view === 'list') {
    if (key.kind === 'enter') return { do: 'choose' };
    const moved = movement(key);
    if (moved !== undefined) return { do: 'move', ...moved };
  }
  if (key.kind === 'escape') return { do: 'view', view: 'task' };
  if (key.kind === 'tab') return toggle(state.view, 'lesson');
  const moved = movement(key);
  return moved === undefined ? undefined : { do: 'scroll', ...moved };
}

/** Where Korean is switched on, the same keys send these letters. Source: the layout KS X 5002. */
const hangulKeys: ReadonlyMap<string, string> = new Map([
  ['ㅜ', 'n'],
  ['ㅔ', 'p'],
  ['ㅗ', 'h'],
  ['ㅣ', 'l'],
  ['ㄱ', 'r'],
  ['ㅅ', 't'],
  ['ㄴ', 's'],
  ['ㄷ', 'e'],
  ['ㅍ', 'v'],
  ['ㅂ', 'q'],
]);

function letterCommand(view: View, text: string): Command | undefined {
  switch (hangulKeys.get(text) ?? text.toLowerCase()) {
    case 'q':
      return { do: 'quit' };
    case 'n':
      return { do: 'next' };
    case 'p':
      return { do: 'previous' };
    case 'h':
      return { do: 'hint' };
    case 'e':
      return { do: 'edit' };
    case 'r':
      return { do: 'ask-reset' };
    case 's':
      return { do: 'view', view: 'shell' };
    case 'l':
      return toggle(view, 'list');
    case 't':
      return toggle(view, 'trace');
    case 'v':
      return toggle(view, 'lesson');
    case '?':
      return toggle(view, 'help');
    case ' ':
      return { do: 'scroll', by: 'page', towards: 1 };
    default:
      return undefined;
  }
}

/** The key that opens a view closes it again. */
function toggle(shown: View, view: View): Command {
  return { do: 'view', view: shown === view ? 'task' : view };
}

type Movement = Pick<Extract<Command, { do: 'scroll' }>, 'by' | 'towards'>;

function movement({ kind }: KeyPress): Movement | undefined {
  switch (kind) {
    case 'up':
      return { by: 'line', towards: -1 };
    case 'down':
      return { by: 'line', towards: 1 };
    case 'page-up':
      return { by: 'page', towards: -1 };
    case 'page-down':
      return { by: 'page', towards: 1 };
    case 'home':
      return { by: 'all', towards: -1 };
    case 'end':
      return { by: 'all', towards: 1 };
    default:
      return undefined;
  }
}

function shellCommand({ shell }: UiState, key: KeyPress): Command | undefined {
  if (key.kind === 'page-up' || key.kind === 'page-down') {
    return { do: 'scroll', by: 'page', towards: key.kind === 'page-up' ? -1 : 1 };
  }
  const command = lineCommand(shell.input, key);
  if (key.kind === 'escape' && command === undefined) return { do: 'leave-shell' };
  if (command?.do === 'end') return { do: 'end-shell' };
  return command?.do === 'clear' ? { do: 'clear-shell' } : command;
}
