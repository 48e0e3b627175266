/** What grading says: plain data for the UI, the command line, vitest and reports. */
import type { Cause } from '../../engine/index.ts';
import type { Localized } from './schema.ts';

/** `errored` is our bug, never the learner's fault; `skipped` waited for another check. */
export type CheckStatus = 'passed' | 'failed' | 'errored' | 'skipped';

/** What backs a failure: shown on request. */
export type Evidence =
  /** A packet's way, a line per hop, ready to print. */
  | { readonly kind: 'trace'; readonly lines: readonly string[] }
  | { readonly kind: 'output'; readonly command: string; readonly text: string }
  | { readonly kind: 'diff'; readonly wanted: string; readonly found: string };

export interface CheckResult {
  readonly id: string;
  readonly says: Localized;
  readonly status: CheckStatus;
  readonly points: number;
  readonly maxPoints: number;
  /** For failed checks. */
  readonly cause?: Cause;
  readonly evidence?: readonly Evidence[];
  /** For skipped checks: the check that it waited for. */
  readonly waitedFor?: string;
  /** For errored checks: what broke on our side. */
  readonly error?: string;
}

/** Why an answer's file could not be used: what the cluster said to it, or that it could not even be read. */
export type AnswerProblem =
  | Cause
  | { readonly code: 'file-unreadable'; readonly file: string; readonly why: Localized };

/** `todo` is an exercise whose files are still as they were given. */
export type ExerciseStatus = 'todo' | 'passed' | 'failed' | 'errored';

export interface ExerciseResult {
  readonly id: string;
  readonly status: ExerciseStatus;
  readonly points: number;
  readonly maxPoints: number;
  /** Why the answer's files could not even be applied; the checks are then run all the same where they can be. */
  readonly problems: readonly AnswerProblem[];
  readonly checks: readonly CheckResult[];
  /** Events that the answer made the engine run. */
  readonly steps: number;
  /** What the learner's commands printed, in order. */
  readonly transcript: readonly {
    readonly command: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly exitCode: number;
  }[];
}
