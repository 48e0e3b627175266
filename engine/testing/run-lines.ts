/** Lines that a test needs to succeed before it can ask anything. */
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import type { Shell } from '../shell/shell.ts';

/** Runs lines in a shell of the cluster, a new one unless one is given, and returns the shell; each line must succeed without a word on standard error. */
export async function runLines(cluster: Cluster, lines: readonly string[], opened?: Shell): Promise<Shell> {
  const shell = opened ?? (await cluster.openShell());
  for (const line of lines) {
    const { exitCode, stderr } = await shell.run(line);
    expect([line, exitCode, stderr]).toEqual([line, 0, '']);
  }
  return shell;
}
