/** Wrapping by display width: at spaces where there are any, inside a word only when it is longer than a row. */
import stringWidth from 'string-width';
import { graphemes, type Line, type Span, type Tone, widthOf } from './styled-text.ts';

/** What stands before the first row and before those that follow it. */
export interface Margins {
  readonly first?: Line;
  readonly rest?: Line;
}

/** The rows that a line takes at a width; one empty row for an empty line. */
export function wrap(text: Line, width: number, margins: Margins = {}): readonly Line[] {
  return new Wrapper(width, margins).wrap(text);
}

/** The same for text with newlines; tabs become spaces. */
export function wrapText(text: string, width: number, tone: Tone, margins: Margins = {}): readonly Line[] {
  return text
    .replaceAll('\t', '    ')
    .split('\n')
    .flatMap((row, number) =>
      wrap([{ text: row, tone }], width, number === 0 ? margins : { ...margins, first: margins.rest ?? [] }),
    );
}

class Wrapper {
  readonly #width: number;
  readonly #rest: Line;
  readonly #rows: Line[] = [];
  #row: Span[];
  #used: number;
  #isFresh = true;

  constructor(width: number, { first = [], rest = [] }: Margins) {
    this.#width = Math.max(width, widthOf(first) + 2, widthOf(rest) + 2);
    this.#rest = rest;
    this.#row = [...first];
    this.#used = widthOf(first);
  }

  wrap(text: Line): readonly Line[] {
    for (const word of words(text)) this.#add(word);
    this.#rows.push(this.#row);
    return this.#rows;
  }

  /** A word is a run of spaces, or a run without any, that may cross spans. */
  #add(word: Line): void {
    const width = widthOf(word);
    if (isSpace(word)) {
      // Spaces at a break vanish; those at the beginning of the text are its indentation.
      if (this.#isFresh && this.#rows.length > 0) return;
      if (this.#used + width < this.#width) this.#push(word, width);
      else this.#break();
      return;
    }
    if (!this.#isFresh && this.#used + width > this.#width) this.#break();
    if (this.#used + width <= this.#width) this.#push(word, width);
    else this.#addInPieces(word);
  }

  #addInPieces(word: Line): void {
    for (const { text, tone } of word) {
      let piece = '';
      for (const grapheme of graphemes(text)) {
        if (this.#used + stringWidth(piece) + stringWidth(grapheme) > this.#width) {
          this.#push([{ text: piece, tone }], stringWidth(piece));
          this.#break();
          piece = '';
        }
        piece += grapheme;
      }
      this.#push([{ text: piece, tone }], stringWidth(piece));
    }
  }

  #push(word: Line, width: number): void {
    this.#row.push(...word.filter(({ text }) => text !== ''));
    this.#used += width;
    this.#isFresh = false;
  }

  #break(): void {
    const last = this.#row.at(-1);
    if (!this.#isFresh && last !== undefined && isSpace([last])) this.#row.pop();
    this.#rows.push(this.#row);
    this.#row = [...this.#rest];
    this.#used = widthOf(this.#rest);
    this.#isFresh = true;
  }
}

function isSpace(word: Line): boolean {
  return word.every(({ text }) => text.trim() === '');
}

function words(text: Line): readonly Line[] {
  const found: Span[][] = [];
  let wasSpace: boolean | undefined;
  for (const { text: part, tone } of text) {
    for (const [piece] of part.matchAll(/ +|[^ ]+/g)) {
      const space = piece.startsWith(' ');
      const last = found.at(-1);
      if (last !== undefined && space === wasSpace) last.push({ text: piece, tone });
      else found.push([{ text: piece, tone }]);
      wasSpace = space;
    }
  }
  return found;
}
