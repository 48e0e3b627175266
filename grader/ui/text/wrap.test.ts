import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cut, type Line, line, spread, widthOf } from './styled-text.ts';
import { wrap, wrapText } from './wrap.ts';

function plain(rows: readonly Line[]): readonly string[] {
  return rows.map((row) => row.map(({ text }) => text).join(''));
}

describe('wrapping', () => {
  it.each([
    { name: 'breaks at spaces', text: 'one two three', width: 8, want: ['one two', 'three'] },
    { name: 'counts Korean as two columns', text: '파드마다 주소', width: 9, want: ['파드마다', '주소'] },
    {
      name: 'breaks a word that is longer than a row',
      text: 'abcdefgh',
      width: 3,
      want: ['abc', 'def', 'gh'],
    },
    { name: 'never cuts a wide character', text: '가나다', width: 3, want: ['가', '나', '다'] },
    { name: 'keeps indentation', text: '  a b', width: 9, want: ['  a b'] },
    { name: 'keeps empty lines', text: 'a\n\nb', width: 9, want: ['a', '', 'b'] },
  ])('$name', ({ text, width, want }) => {
    expect(plain(wrapText(text, width, 'plain'))).toEqual(want);
  });

  it('puts margins before the first row and before the others', () => {
    const rows = wrap(line('one two three'), 7, { first: line('- '), rest: line('  ') });
    expect(plain(rows)).toEqual(['- one', '  two', '  three']);
  });

  it('keeps every character but spaces, in rows that fit, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '가', ' ', '👍', '-') }),
        fc.integer({ min: 4, max: 30 }),
        (text, width) => {
          const rows = plain(wrap([{ text, tone: 'plain' }], width));
          expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
          for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('rows of a fixed width', () => {
  it.each([
    { text: 'short', width: 5, want: 'short' },
    { text: 'too long', width: 5, want: 'too …' },
    { text: '네트워킹', width: 6, want: '네트…' },
  ])('cuts $text to $width', ({ text, width, want }) => {
    expect(plain([cut(line(text), width)])).toEqual([want]);
  });

  it('spreads two parts to both ends, and the left one gives way', () => {
    expect(plain([spread(line('left'), line('right'), 12)])).toEqual(['left   right']);
    expect(widthOf(spread(line('네트워킹과 로드 밸런서'), line('1/4'), 14))).toBe(14);
  });
});
