/** A key as the line editor and the screens know it, whoever read it from the terminal. */

/** A key. `text` is what typing it inserts. */
export type KeyPress =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: NamedKey }
  | { readonly kind: 'ctrl'; readonly letter: string };

/** Keys that insert nothing. */
export type NamedKey =
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end';

/** Whether it is Ctrl-C. */
export function isInterrupt(key: KeyPress): boolean {
  return key.kind === 'ctrl' && key.letter === 'c';
}

/**
 * Takes the first line out of what waits, its Enter included, or all of it while it has no end. So a program that ends with a
 * line, as `exit` ends a login, leaves what was typed after it to whoever reads next.
 */
export function takeLine(waiting: KeyPress[]): readonly KeyPress[] {
  const end = waiting.findIndex(({ kind }) => kind === 'enter');
  return waiting.splice(0, end < 0 ? waiting.length : end + 1);
}

/** What a terminal sends for a key, for a program on the other side. Source: console_codes(4), ascii(7). */
export function bytesOfKey(key: KeyPress): string {
  switch (key.kind) {
    case 'text':
      return key.text;
    case 'ctrl':
      return String.fromCharCode(key.letter.charCodeAt(0) & 0x1f);
    case 'enter':
      return '\r';
    case 'tab':
      return '\t';
    case 'backspace':
      return '\x7f';
    default:
      // Arrows and the like mean nothing to a line that the other side gathers.
      return '';
  }
}
