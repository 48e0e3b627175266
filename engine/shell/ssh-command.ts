/** `ssh MACHINE COMMAND`: runs a line on a machine of the cluster, as its login shell would. */

/** What an ssh command line asks for. */
export interface SshRequest {
  readonly machine: string;
  /** The line for the machine's shell; empty for an interactive session. */
  readonly line: string;
}

/** OpenSSH's options that take a value. Source: ssh(1), synopsis. */
const optionsWithValue = 'BbcDEeFIiJLlmOoPpQRSWw';

/**
 * Reads the words behind `ssh`: options, which have no effect, then `[user@]machine` and the words of a command,
 * joined by spaces as sshd does.
 *
 * @returns undefined when no machine is named.
 */
export function parseSsh(words: readonly string[]): SshRequest | undefined {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-') break;
    at += 1;
    if (word === '--') break;
    if (word.length === 2 && optionsWithValue.includes(word.charAt(1))) at += 1;
  }
  const destination = words[at];
  if (destination === undefined) return undefined;
  const machine = destination.slice(destination.lastIndexOf('@') + 1);
  return { machine, line: words.slice(at + 1).join(' ') };
}
