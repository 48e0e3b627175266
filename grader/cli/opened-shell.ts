/** A shell that lines are read for, whether at a terminal or from a pipe. */
import type { Shell } from '../../engine/index.ts';
import type { CommandContext } from './context.ts';

/** What the ways of reading lines share. */
export interface OpenedShell {
  readonly context: CommandContext;
  readonly shell: Shell;
  /** Runs one line with what it needs besides, the answer's files brought in and taken out around it. */
  run(line: string, options: Parameters<Shell['run']>[1]): ReturnType<Shell['run']>;
  readonly history: readonly string[];
  keepHistory(lines: readonly string[]): void;
}

/** `exit` alone, with its code; undefined for any other line. */
export function exitOf(line: string, lastCode: number): number | undefined {
  const leave = /^\s*exit(?:\s+([0-9]{1,3}))?\s*$/.exec(line);
  if (leave === null) return undefined;
  return leave[1] === undefined ? lastCode : Number(leave[1]) & 0xff;
}
