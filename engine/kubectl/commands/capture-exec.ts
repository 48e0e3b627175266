/** Running a program in a container for its output alone, as `kubectl cp` does. */
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { type ExecTarget, openSession } from './exec.ts';

/** What a program printed, and how it ended. */
export interface Captured {
  readonly stdout: Uint8Array;
  readonly stdoutText: string;
  readonly stderrText: string;
  readonly exitCode: number;
}

/** A program that takes longer is given up. */
const longestMs = 600_000;

/** Runs it to its end. */
export async function captureExec(
  invocation: Invocation,
  { stdin, ...target }: ExecTarget & { readonly stdin?: Uint8Array },
): Promise<Outcome<Captured>> {
  const opened = await openSession(invocation, target, { stdin: stdin !== undefined, tty: false });
  if (!opened.ok) return opened;
  const session = opened.value;
  if (stdin !== undefined) session.writeStdin(stdin);
  session.closeStdin();
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const isOver = () => {
    stdout.push(session.readStdout());
    stderr.push(session.readStderr());
    return session.exitCode() !== undefined;
  };
  await invocation.host.waitUntil(isOver, longestMs);
  isOver();
  const exitCode = session.exitCode();
  session.close();
  if (exitCode === undefined) return failure('the program in the container did not end');
  const bytes = Buffer.concat(stdout);
  return ok({
    stdout: bytes,
    stdoutText: bytes.toString('utf8'),
    stderrText: Buffer.concat(stderr).toString('utf8'),
    exitCode,
  });
}
