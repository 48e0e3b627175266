/** What is typed for a program that runs in the shell, and Ctrl-C for one that doesn't read. */
import type { ShellTerminal } from '../../engine/index.ts';
import { bytesOfKey, isInterrupt, type KeyPress } from '../line-editor/key-press.ts';
import type { LineReader } from './line-reader.ts';

/** The keys of one running line. */
export class RunningInput {
  readonly #reader: LineReader;
  readonly #write: (text: string) => void;
  readonly #interrupt: AbortController;
  #as: 'nobody' | 'keys' | 'lines' = 'nobody';
  #line = '';
  #isEnded = false;

  constructor(reader: LineReader, write: (text: string) => void, interrupt: AbortController) {
    this.#reader = reader;
    this.#write = write;
    this.#interrupt = interrupt;
  }

  /** Asked for each key: Ctrl-C ends the line, unless it is for a terminal on the other side. */
  onKey(key: KeyPress): boolean {
    if (!isInterrupt(key) || this.#as === 'keys') return false;
    this.#write('^C\n');
    this.#interrupt.abort();
    return true;
  }

  readonly input: NonNullable<ShellTerminal['input']> = {
    read: (as) => {
      this.#as = as;
      const keys = this.#reader.takeLine();
      const typed = keys.map((key) => (as === 'keys' ? bytesOfKey(key) : this.#gather(key)));
      return new TextEncoder().encode(typed.join(''));
    },
    isEnded: () => this.#isEnded,
  };

  /** As a terminal gathers a line; what is whole is given. */
  #gather(key: KeyPress): string {
    if (key.kind === 'text') {
      this.#line += key.text;
      this.#write(key.text);
    } else if (key.kind === 'backspace' && this.#line !== '') {
      this.#line = Array.from(this.#line).slice(0, -1).join('');
      this.#write('\b \b');
    } else if (key.kind === 'enter') {
      const line = `${this.#line}\n`;
      this.#line = '';
      this.#write('\n');
      return line;
    } else if (key.kind === 'ctrl' && key.letter === 'd' && this.#line === '') this.#isEnded = true;
    return '';
  }
}
