/**
 * A terminal at which lines are typed: the line editor on its rows, keys that wait for the next line, and the terminal
 * handed over to an editor or to a program that reads.
 */
import { emitKeypressEvents } from 'node:readline';
import stringWidth from 'string-width';
import type { CompletionChoice, LineCompletion } from '../../engine/index.ts';
import { completeInput, listChoices } from '../line-editor/complete-input.ts';
import {
  abandon,
  edit,
  emptyInputLine,
  type InputLine,
  insert,
  promptFor,
  submit,
  textOf,
} from '../line-editor/input-line.ts';
import { type KeyPress, takeLine } from '../line-editor/key-press.ts';
import { type LineCommand, lineCommand } from '../line-editor/line-command.ts';
import { neutralise } from '../reports/neutralise.ts';
import type { Terminal } from './io.ts';
import { type NodeKey, readNodeKey } from './node-key.ts';

/** What came of reading a line: Ctrl-C drops it, Ctrl-D on an empty one ends the shell. */
export type ReadLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'end' };

/** What stands before a line; `style` goes around it and takes no room. */
export interface Prompt {
  readonly text: string;
  readonly style: readonly [before: string, after: string];
}

export interface LineReaderOptions {
  readonly terminal: Terminal;
  readonly history: readonly string[];
  complete(text: string): Promise<LineCompletion>;
}

/** Source: xterm's control sequences: bracketed paste, and those that move the cursor and erase. */
const codes = {
  pasteOn: '\u001b[?2004h',
  pasteOff: '\u001b[?2004l',
  eraseBelow: '\u001b[J',
  clearScreen: '\u001b[H\u001b[2J',
  up: (rows: number) => (rows > 0 ? `\u001b[${rows}A` : ''),
  right: (columns: number) => (columns > 0 ? `\u001b[${columns}C` : ''),
} as const;

/** Of a terminal that does not tell. Source: the VT100's. */
const usualColumns = 80;

/** See the head of this file. */
export class LineReader {
  readonly #options: LineReaderOptions;
  #input: InputLine;
  #prompt: Prompt = { text: '', style: ['', ''] };
  /** The row of the cursor among those of the line. */
  #row = 0;
  #waiting: KeyPress[] = [];
  #finish: ((read: ReadLine) => void) | undefined;
  #isCompleting = false;
  /** Called for each key while a line runs; whether it was taken. */
  #onKey: ((key: KeyPress) => boolean) | undefined;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    const { history } = options;
    this.#input = { ...emptyInputLine, history, at: history.length };
  }

  /** Takes the terminal. */
  open(): void {
    const { input, output } = this.#options.terminal;
    emitKeypressEvents(input);
    input.on('keypress', this.#take);
    output.on('resize', this.#resized);
    this.#hold();
  }

  /** Gives the terminal back. */
  close(): void {
    const { input, output } = this.#options.terminal;
    input.off('keypress', this.#take);
    output.off('resize', this.#resized);
    this.#release();
  }

  /** The lines typed, the oldest first. */
  get history(): readonly string[] {
    return this.#input.history;
  }

  /** Reads one line; keys that were typed before it are its first. */
  read(prompt: Prompt): Promise<ReadLine> {
    this.#prompt = prompt;
    this.#row = 0;
    return new Promise((resolve) => {
      this.#finish = (read) => {
        this.#finish = undefined;
        resolve(read);
      };
      this.#draw();
      this.#work();
    });
  }

  /** Until the returned function is called, `onKey` is asked first what a key is for; what it leaves waits. */
  watchKeys(onKey: (key: KeyPress) => boolean): () => void {
    this.#onKey = onKey;
    return () => {
      this.#onKey = undefined;
    };
  }

  /** The keys that wait, up to the end of a line. */
  takeLine(): readonly KeyPress[] {
    return takeLine(this.#waiting);
  }

  /** Leaves the terminal to somebody else meanwhile. */
  async lend<T>(use: () => Promise<T>): Promise<T> {
    this.#release();
    // What was read ahead is not stolen from the other: the stream stops before it begins.
    await new Promise(setImmediate);
    try {
      return await use();
    } finally {
      this.#hold();
    }
  }

  #hold(): void {
    const { input, output } = this.#options.terminal;
    input.setRawMode(true);
    input.resume();
    output.write(codes.pasteOn);
  }

  #release(): void {
    const { input, output } = this.#options.terminal;
    output.write(codes.pasteOff);
    input.setRawMode(false);
    input.pause();
  }

  readonly #take = (text: string | undefined, key: NodeKey): void => {
    const press = readNodeKey(text, key);
    if (press === undefined || this.#onKey?.(press) === true) return;
    this.#waiting.push(press);
    this.#work();
  };

  readonly #resized = (): void => {
    if (this.#finish !== undefined) this.#draw();
  };

  #work(): void {
    while (this.#finish !== undefined && !this.#isCompleting) {
      const key = this.#waiting.shift();
      if (key === undefined) return;
      const command = lineCommand(this.#input, key);
      if (command !== undefined) this.#perform(command);
    }
  }

  #perform(command: LineCommand): void {
    switch (command.do) {
      case 'type':
        this.#input = insert(this.#input, command.text);
        this.#draw();
        break;
      case 'change':
        this.#input = edit(this.#input, command.edit);
        this.#draw();
        break;
      case 'clear':
        this.#options.terminal.output.write(codes.clearScreen);
        this.#row = 0;
        this.#draw();
        break;
      case 'complete':
        this.#complete();
        break;
      case 'submit': {
        const text = textOf(this.#input);
        this.#leaveLine('');
        this.#input = submit(this.#input);
        this.#finish?.({ kind: 'line', text });
        break;
      }
      case 'interrupt':
        this.#leaveLine('^C');
        this.#input = abandon(this.#input);
        this.#finish?.({ kind: 'interrupt' });
        break;
      case 'end':
        this.#leaveLine('');
        this.#finish?.({ kind: 'end' });
    }
  }

  #complete(): void {
    this.#isCompleting = true;
    void this.#options
      .complete(this.#input.before)
      .then((completion) => {
        const { input, choices } = completeInput(this.#input, completion);
        this.#input = input;
        if (choices.length > 0) this.#list(choices);
        this.#draw();
      })
      // A word that can't be completed is no reason to end the shell.
      .catch(() => {})
      .finally(() => {
        this.#isCompleting = false;
        this.#work();
      });
  }

  #list(choices: readonly CompletionChoice[]): void {
    this.#leaveLine('');
    const { output } = this.#options.terminal;
    for (const row of listChoices(choices, output.columns || usualColumns)) output.write(`${row}\n`);
  }

  /** The line stays as it stands; what comes is below it. */
  #leaveLine(mark: string): void {
    this.#input = { ...edit(this.#input, 'end'), search: undefined };
    this.#draw();
    this.#options.terminal.output.write(`${mark}\n`);
    this.#row = 0;
  }

  #draw(): void {
    const { output } = this.#options.terminal;
    const columns = output.columns || usualColumns;
    const prompt = promptFor(this.#input, this.#prompt.text);
    const [before, after] = prompt === this.#prompt.text ? this.#prompt.style : ['', ''];
    const typed = neutralise(this.#input.before);
    const rest = neutralise(this.#input.after);
    const end = placeOf(prompt + typed + rest, columns);
    const cursor = placeOf(prompt + typed, columns);
    // A full row leaves a terminal's cursor on it until something more is written.
    const wrap = end.column === 0 && end.row > 0 ? ' \r' : '';
    output.write(
      `${codes.up(this.#row)}\r${codes.eraseBelow}${before}${prompt}${after}${typed}${rest}${wrap}` +
        `${codes.up(end.row - cursor.row)}\r${codes.right(cursor.column)}`,
    );
    this.#row = cursor.row;
  }
}

/** Where the cursor stands behind a text: as terminals wrap, a wide character that no longer fits goes to the next row. */
function placeOf(text: string, columns: number): { readonly row: number; readonly column: number } {
  let row = 0;
  let column = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const wide = stringWidth(segment);
    if (column + wide > columns) {
      row += 1;
      column = 0;
    }
    column += wide;
  }
  return column === columns ? { row: row + 1, column: 0 } : { row, column };
}
