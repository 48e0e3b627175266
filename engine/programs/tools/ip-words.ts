/** Words that the commands of `ip` have in common. Source: iproute2 6.1; /etc/iproute2/rt_tables. */
import type { NetworkChange } from '../../net/process/configure.ts';
import { isIPv4 } from '../dns/resolver.ts';

/** What a command comes to: a change to ask for, or the words and the exit code of a refusal. */
export type Plan = NetworkChange | { readonly stderr: string; readonly exitCode: number };

/** A {@link Plan} that refuses. */
export function refuse(stderr: string, exitCode: number): Plan {
  return { stderr: `${stderr}\n`, exitCode };
}

/** What is said of a value that can't be read. */
export function wrongArgument(word: string, why: string): Plan {
  return refuse(`Error: argument "${word}" is wrong: ${why}\n`, 255);
}

/** Whether a text is an address with a prefix. */
export function isPrefix(text: string): boolean {
  const [address = '', length = '', ...more] = text.split('/');
  return more.length === 0 && isIPv4(address) && /^\d{1,2}$/.test(length) && Number(length) <= 32;
}

/** A number of 32 bits, as C reads it; octal is not known. */
export function parseNumber(text: string): number | undefined {
  const value = /^(?:0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) ? Number(text) : undefined;
  return value === undefined || value > 0xffffffff ? undefined : value;
}

const tables: ReadonlyMap<string, number> = new Map([
  ['default', 253],
  ['main', 254],
  ['local', 255],
]);

/** The number of a table that is named or numbered. */
export function parseTable(text: string): number | undefined {
  const table = tables.get(text) ?? parseNumber(text);
  return table === 0 ? undefined : table;
}

/** A table as `ip` prints it. */
export function formatTable(table: number): string {
  return [...tables].find(([, number]) => number === table)?.[0] ?? String(table);
}
