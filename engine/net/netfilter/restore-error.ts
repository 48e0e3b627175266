/** What `iptables-restore` prints about input that it refuses, and how it exits. */
import type { RestoreError } from '../linux.ts';

/** The tool's standard error and exit code for a refusal. */
export function formatRestoreError({ line, message }: RestoreError): {
  readonly stderr: string;
  readonly exitCode: number;
} {
  if (message.startsWith('iptables-restore: ')) return { stderr: `${message}\n`, exitCode: 1 };
  if (/^line [0-9]+: [A-Z_]+ failed/m.test(message)) return { stderr: `${message}\n`, exitCode: 4 };
  const help = "Try `iptables-restore -h' or 'iptables-restore --help' for more information.";
  return { stderr: `${message}\nError occurred at line: ${line}\n${help}\n`, exitCode: 2 };
}
