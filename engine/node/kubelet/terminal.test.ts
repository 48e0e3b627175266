/** What a person sees who types. Source: termios(3). */
import { expect, it } from 'vitest';
import { createTerminal } from './terminal.ts';

function typed(text: string) {
  const got: string[] = [];
  const terminal = createTerminal({
    write: (bytes) => got.push(new TextDecoder().decode(bytes)),
    end: () => got.push('<end>'),
    interrupt: () => got.push('<interrupt>') > 0,
  });
  terminal.type(new TextEncoder().encode(text));
  return { got, seen: new TextDecoder().decode(terminal.show(new Uint8Array())), terminal };
}

it.each([
  ['a line', 'ls\r', ['ls\n'], 'ls\r\n'],
  ['half a line', 'ls', [], 'ls'],
  ['an erased character', 'lsx\x7f\r', ['ls\n'], 'lsx\b \b\r\n'],
  ['an erased character of several bytes', '가\x7f\r', ['\n'], '가\b \b\r\n'],
  ['nothing to erase', '\x7f\r', ['\n'], '\r\n'],
  ['a killed line', 'ab\x15c\r', ['c\n'], 'ab\b \b\b \bc\r\n'],
  ['the end of input', '\x04', ['<end>'], ''],
  ['the end of input in a line', 'a\x04', ['a'], 'a'],
  ['an interrupt', 'a\x03', ['<interrupt>'], 'a^C\r\n'],
])('%s', (_, text, got, seen) => {
  expect(typed(text)).toMatchObject({ got, seen });
});

it('shows what was typed before what was printed, and ends lines for a screen', () => {
  const { terminal } = typed('');
  terminal.type(Uint8Array.of(0x61, 0x0d));
  const shown = terminal.show(new TextEncoder().encode('1\n2\n'));
  expect(new TextDecoder().decode(shown)).toBe('a\r\n1\r\n2\r\n');
});
