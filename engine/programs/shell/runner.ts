/** The shell as its built-in commands see it. */
import type * as sys from '../../net/process/sys.ts';
import type { ExpansionHost } from './expand.ts';
import type { TestHost } from './test-command.ts';

/** Where control goes instead of to the next command. */
export type Jump =
  | { readonly kind: 'break' | 'continue'; levels: number }
  | { readonly kind: 'return' | 'exit' };

/** What built-in commands read and change. */
export interface ShellRunner extends ExpansionHost, TestHost {
  jump: Jump | undefined;
  readonly loopDepth: number;
  /** Set by `exec` without a command: its redirections stay. */
  keepsRedirections: boolean;
  /** Runs text as a script in this shell: `eval`, `.`, traps. */
  runText(text: string): sys.Sys<void>;
  /** Runs a program and waits for it; in the place of the shell when nothing comes after. */
  runExternal(argv: readonly string[], extraEnvironment: readonly string[], isTail: boolean): sys.Sys<void>;
  /** Writes to where standard output or error leads now. */
  write(stream: 'stdout' | 'stderr', text: string): sys.Sys<void>;
  /** An error message with the shell's name before it. */
  sayError(message: string): sys.Sys<void>;
  /** One line of the shell's input with its newline, or undefined at the end. */
  readLine(): sys.Sys<string | undefined>;
}
