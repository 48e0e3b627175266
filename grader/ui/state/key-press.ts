/** What was pressed, one key at a time: a terminal hands over several at once when they come fast, or are pasted. */
import type { Key } from 'ink';
import type { KeyPress, NamedKey } from '../../line-editor/key-press.ts';

/** The keys in what Ink hands over. */
export function readKeys(input: string, key: Key): readonly KeyPress[] {
  const named = namedKey(key);
  if (named !== undefined) return [{ kind: named }];
  if (key.ctrl) return input.length === 1 ? [{ kind: 'ctrl', letter: input }] : [];
  // Alt with a letter moves by words. Source: readline(3).
  if (key.meta) {
    if (input === 'b') return [{ kind: 'word-left' }];
    return input === 'f' ? [{ kind: 'word-right' }] : [];
  }
  return Array.from(new Intl.Segmenter().segment(input), ({ segment }) => readCharacter(segment));
}

function namedKey(key: Key): NamedKey | undefined {
  if (key.escape) return 'escape';
  if (key.return) return 'enter';
  if (key.tab) return 'tab';
  // Ink gives both names to the byte that most terminals send for backspace.
  if (key.backspace || key.delete) return 'backspace';
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'page-up';
  if (key.pageDown) return 'page-down';
  if (key.home) return 'home';
  return key.end ? 'end' : undefined;
}

/** A character of a paste; control characters in it are the keys that send them. */
function readCharacter(character: string): KeyPress {
  if (character === '\r' || character === '\n' || character === '\r\n') return { kind: 'enter' };
  if (character === '\t') return { kind: 'tab' };
  if (character === '\x7f' || character === '\b') return { kind: 'backspace' };
  const code = character.charCodeAt(0);
  // Source: ascii(7): Ctrl takes 64 from the capital letter.
  if (code < 0x20) return { kind: 'ctrl', letter: String.fromCharCode(code + 0x60) };
  return { kind: 'text', text: character };
}
