/** The learner's terminal as a line that goes on for a while needs it. It belongs to whoever runs the shell. */
import type { Result } from '../base/result.ts';

/** A person who looks at what a line prints while it runs. */
export interface ShellTerminal {
  print(stream: 'stdout' | 'stderr', text: string): void;
  /** Lets a moment of the wall clock pass and gives its length in milliseconds: the cluster's time follows it. */
  pause(): Promise<number>;
  /**
   * Hands a text to the learner's editor and gives what was saved; an error is one line. Absent where there is no editor.
   *
   * @param path what the file is called, for the editor to know its kind.
   */
  editText?(path: string, text: string): Promise<Result<string, string>>;
  /** What was typed for a program that reads, line by line; absent where nobody can type while a line runs. */
  readonly input?: TerminalInput;
}

/** Typed input for a running program. */
export interface TerminalInput {
  /**
   * What was typed since the last call, at most up to the end of a line: what follows it is for the next call, or for whoever
   * reads after this program. As `keys`, every key comes as the bytes that a terminal sends and the other side
   * shows it, so that Ctrl-C is its too; as `lines`, the terminal shows and gathers what is typed.
   */
  read(as: 'keys' | 'lines'): Uint8Array;
  /** Whether Ctrl-D has ended it. */
  isEnded(): boolean;
  /** How large the window is now; absent where it has no size. */
  size?(): { readonly rows: number; readonly columns: number };
}
