/**
 * Text as the screen shows it: lines of spans, each with a tone. Everything that is shown is made into such lines before
 * it reaches Ink, so that wrapping, scrolling and cutting are ours, by display width, and can be tested without a screen.
 */
import stringWidth from 'string-width';

/** What a span is, not how it looks: `theme.ts` says that. */
export type Tone =
  | 'plain'
  | 'title'
  | 'heading'
  | 'strong'
  | 'emphasis'
  | 'code'
  | 'link'
  | 'dim'
  | 'good'
  | 'bad'
  | 'warn'
  | 'selected';

/** A stretch of text in one tone. Holds no newline. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of the screen, or one line that is still to be wrapped. */
export type Line = readonly Span[];

/** A line of one span; an empty line for an empty text. */
export function line(text: string, tone: Tone = 'plain'): Line {
  return text === '' ? [] : [{ text, tone }];
}

/** How many columns a line takes. */
export function widthOf(row: Line): number {
  return row.reduce((sum, { text }) => sum + stringWidth(text), 0);
}

/** The characters as people see them, so that none is cut in two. */
export function graphemes(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** The line cut to a width, with `…` where something is missing. */
export function cut(row: Line, width: number): Line {
  if (widthOf(row) <= width) return row;
  const kept: Span[] = [];
  let left = width - 1;
  for (const { text, tone } of row) {
    let fits = '';
    for (const grapheme of graphemes(text)) {
      left -= stringWidth(grapheme);
      if (left < 0) return [...kept, { text: `${fits}…`, tone }];
      fits += grapheme;
    }
    kept.push({ text: fits, tone });
  }
  return kept;
}

/** A line with one part at each end; the left part gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  const first = cut(left, Math.max(1, room - 1));
  return [...first, { text: ' '.repeat(Math.max(1, room - widthOf(first))), tone: 'plain' }, ...right];
}
