/**
 * Shell patterns: `*`, `?` and brackets, with parts that were quoted and stand for themselves. Matching takes time
 * proportional to pattern times text, whatever the pattern. Source: POSIX, Shell Command Language, 2.13.
 */

/** One element of a pattern. */
type Element =
  | { readonly kind: 'character'; readonly value: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'many' }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** A piece of a pattern: text that stands for itself, or text whose `*`, `?` and `[` are special. */
export interface PatternPiece {
  readonly text: string;
  readonly quoted: boolean;
}

/** A pattern that is ready to match. */
export type Pattern = readonly Element[];

/** Reads a pattern. */
export function parsePattern(pieces: readonly PatternPiece[]): Pattern {
  const elements: Element[] = [];
  for (const { text, quoted } of pieces) {
    for (let index = 0; index < text.length; index += 1) {
      const value = text.charAt(index);
      if (quoted || !'*?[\\'.includes(value)) {
        elements.push({ kind: 'character', value });
      } else if (value === '*') {
        elements.push({ kind: 'many' });
      } else if (value === '?') {
        elements.push({ kind: 'any' });
      } else if (value === '\\') {
        index += 1;
        elements.push({ kind: 'character', value: text.charAt(index) });
      } else {
        const close = text.indexOf(']', index + 2);
        if (close < 0) {
          elements.push({ kind: 'character', value });
          continue;
        }
        elements.push(parseSet(text.slice(index + 1, close)));
        index = close;
      }
    }
  }
  return elements;
}

/** Whether a pattern has anything special in it. */
export function isSpecial(pattern: Pattern): boolean {
  return pattern.some(({ kind }) => kind !== 'character');
}

/** Whether a pattern matches all of a text. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let starPosition = 0;
  while (position < text.length) {
    const element = pattern[at];
    if (element?.kind === 'many') {
      star = at;
      starPosition = position;
      at += 1;
    } else if (element !== undefined && matchesOne(element, text.charAt(position))) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      starPosition += 1;
      position = starPosition;
      at = star + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(({ kind }) => kind === 'many');
}

/** Takes away what a pattern matches at an end of a text: as little or as much as possible. */
export function removeMatch(pattern: Pattern, text: string, end: 'start' | 'end', longest: boolean): string {
  for (let step = 0; step <= text.length; step += 1) {
    const length = longest ? text.length - step : step;
    const piece = end === 'start' ? text.slice(0, length) : text.slice(text.length - length);
    if (matchesPattern(pattern, piece))
      return end === 'start' ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}

function parseSet(body: string): Element {
  const negated = body.startsWith('!') || body.startsWith('^');
  const members = (negated ? body.slice(1) : body)
    .replace('[:digit:]', '0-9')
    .replace('[:alpha:]', 'a-zA-Z')
    .replace('[:alnum:]', 'a-zA-Z0-9')
    .replace('[:space:]', ' \t\n');
  const ranges: (readonly [string, string])[] = [];
  for (let index = 0; index < members.length; index += 1) {
    const first = members.charAt(index);
    if (members.charAt(index + 1) === '-' && index + 2 < members.length) {
      ranges.push([first, members.charAt(index + 2)]);
      index += 2;
    } else {
      ranges.push([first, first]);
    }
  }
  return { kind: 'set', negated, ranges };
}

function matchesOne(element: Element, character: string): boolean {
  switch (element.kind) {
    case 'character':
      return element.value === character;
    case 'set':
      return element.ranges.some(([from, to]) => character >= from && character <= to) !== element.negated;
    default:
      return true;
  }
}
