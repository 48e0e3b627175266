/** The process as commands see it, so that a test can be one. */
import type { Readable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';

/** Where a command reads and writes. */
export interface Io {
  writeStdout(text: string): void;
  writeStderr(text: string): void;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The person's terminal, when both ends of the conversation are one. */
  readonly terminal: Terminal | undefined;
  /** Calls back on Ctrl-C or when the process is asked to end, instead of ending it at once. */
  onInterrupt(listener: () => void): void;
}

/** The two ends of a terminal. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** The exit codes of every command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** A command used wrongly, or on what is not there: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something outside stands in the way (a folder, a permission): one line, exit code 1. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}
