/**
 * Rules of lines that were read before. The proxies of all nodes write nearly the same lines at every change, and so do
 * those of the next cluster; a rule is frozen and follows from its line and table alone.
 */
import type { TableName } from '../trace.ts';
import type { Rule } from './rule.ts';

/** What a line made. */
export interface KnownLine {
  readonly chain: string;
  readonly rules: readonly Rule[];
  /** The restore run that last took these very rules: in one table no rule may stand twice, since it counts packets. */
  takenBy: object;
}

// A line never comes to mean something else, so keeping what it means is not shared state.
const knownLines = new Map<TableName, Map<string, KnownLine>>();
/** Lines of one table that are remembered; some 10 MB. */
export const maxKnownLines = 16_384;

/** What a line of a table made before. */
export function findKnownLine(table: TableName, text: string): KnownLine | undefined {
  return knownLines.get(table)?.get(text);
}

/** Keeps what a line made; when there are too many, all others are forgotten. */
export function rememberLine(table: TableName, text: string, line: KnownLine): void {
  const known = knownLines.get(table) ?? new Map<string, KnownLine>();
  knownLines.set(table, known);
  if (known.size >= maxKnownLines) known.clear();
  known.set(text, line);
}
