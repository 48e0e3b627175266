/** What in a script was no command at all (a slip of the fingers, a prompt, output that was pasted in), or was refused. */
import type { TranscriptEntry } from '../checks/context.ts';
import { nearest } from '../exercise/nearest.ts';
import type { AnswerProblem } from '../exercise/result.ts';

/** Commands that tasks are done with. */
const usualCommands = [
  'kubectl',
  'ssh',
  'curl',
  'crictl',
  'diff',
  'grep',
  'sleep',
  'echo',
  'openssl',
  'iptables-save',
];

/** A line that does no more than open a shell elsewhere; in a script it has nothing to read and ends. */
const sessionLine = /^(ssh \S+|kubectl exec .+ -- \S*sh)$/;

/** What kubectl or the API server would not do; what a command in a Pod ended with is none of it. */
function isRefusal(command: string, stderr: string): boolean {
  return (
    /^kubectl (?!exec|run .*-it)/.test(command) &&
    /^(error: |Error from server|The \S+ "[^"]*" is invalid|unknown command)/m.test(stderr)
  );
}

/**
 * The first thing wrong with each script as such. It is told where a check failed: a script that does its work in spite of
 * such a line has done its work. Refusals are left out where a check tells of them itself.
 */
export function findScriptProblems(
  scripts: ReadonlyMap<string, readonly TranscriptEntry[]>,
  { withRefusals }: { readonly withRefusals: boolean },
): readonly AnswerProblem[] {
  return [...scripts].flatMap(([file, entries]): readonly AnswerProblem[] => {
    if (entries.length === 0) return [{ code: 'no-commands', file }];
    for (const [index, { command, stderr, exitCode }] of entries.entries()) {
      if (withRefusals && exitCode !== 0 && isRefusal(command, stderr)) {
        return [{ code: 'command-failed', command, exitCode, stderr: stderr.trim() }];
      }
      const word = exitCode === 127 ? /^bash: (.+): command not found$/m.exec(stderr)?.[1] : undefined;
      if (word === undefined) continue;
      const meant = word.length > 1 ? nearest(word, usualCommands) : undefined;
      const [line = ''] = command.split('\n');
      const opened =
        meant === undefined
          ? entries.slice(0, index).findLast((entry) => sessionLine.test(entry.command))
          : undefined;
      return [
        {
          code: 'unknown-command',
          file,
          command: line,
          word,
          ...(meant !== undefined && { nearest: meant }),
          ...(opened !== undefined && { sessionLine: opened.command }),
        },
      ];
    }
    return [];
  });
}
