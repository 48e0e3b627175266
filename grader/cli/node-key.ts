/** Keys as node:readline takes them apart, as the line editor knows them. */
import type { KeyPress, NamedKey } from '../line-editor/key-press.ts';

/** What comes with an event `keypress`. */
export interface NodeKey {
  readonly name?: string | undefined;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

const named: ReadonlyMap<string, NamedKey> = new Map<string, NamedKey>([
  ['return', 'enter'],
  ['enter', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
  ['up', 'up'],
  ['down', 'down'],
  ['left', 'left'],
  ['right', 'right'],
  ['pageup', 'page-up'],
  ['pagedown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
]);

/** The key; undefined for one that means nothing here, the marks around a paste among them. */
export function readNodeKey(
  text: string | undefined,
  { name = '', ctrl, meta }: NodeKey,
): KeyPress | undefined {
  if (ctrl === true || meta === true) {
    if (name === 'left' || (meta === true && name === 'b')) return { kind: 'word-left' };
    if (name === 'right' || (meta === true && name === 'f')) return { kind: 'word-right' };
    if (meta === true) return named.has(name) ? namedKey(name) : undefined;
    return /^[a-z]$/.test(name) ? { kind: 'ctrl', letter: name } : undefined;
  }
  const key = namedKey(name);
  if (key !== undefined) return key;
  return text === undefined || text === '' || text < ' ' ? undefined : { kind: 'text', text };
}

function namedKey(name: string): KeyPress | undefined {
  const kind = named.get(name);
  return kind === undefined ? undefined : { kind };
}
