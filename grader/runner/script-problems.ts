/** What in a script was no command at all: a slip of the fingers, a prompt, or output that was pasted in. */
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

/**
 * The first thing wrong with each script as such. It is told where a check failed: a script that does its work in spite of
 * such a line has done its work.
 */
export function findScriptProblems(
  scripts: ReadonlyMap<string, readonly TranscriptEntry[]>,
): readonly AnswerProblem[] {
  return [...scripts].flatMap(([file, entries]): readonly AnswerProblem[] => {
    if (entries.length === 0) return [{ code: 'no-commands', file }];
    for (const { command, stderr, exitCode } of entries) {
      const word = exitCode === 127 ? /^bash: (.+): command not found$/m.exec(stderr)?.[1] : undefined;
      if (word === undefined) continue;
      const meant = word.length > 1 ? nearest(word, usualCommands) : undefined;
      const [line = ''] = command.split('\n');
      return [
        {
          code: 'unknown-command',
          file,
          command: line,
          word,
          ...(meant !== undefined && { nearest: meant }),
        },
      ];
    }
    return [];
  });
}
