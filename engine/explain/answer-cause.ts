/**
 * Why an answer was not taken, or did not make what it should, as data: what was refused, what is missing, what a command
 * printed. Packets have their causes in {@link ./cause.ts}.
 */
import type { ManifestSlip, RefusalHint } from './manifest-trouble.ts';

/** An object named as `kind namespace/name`. */
export interface ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Causes that need no packet to be seen. */
export type AnswerCause =
  /** The API server refused an object. `message` holds its words. */
  | {
      readonly code: 'refused-by-api-server';
      readonly file?: string;
      readonly line?: number;
      readonly column?: number;
      readonly reason: string;
      readonly message: string;
      /** What was refused, as far as the words tell. */
      readonly object?: ObjectName;
      /** What to mend, where more is known than the words say. */
      readonly hint?: RefusalHint;
    }
  /** A file could not be read as YAML. */
  | {
      readonly code: 'broken-manifest';
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly message: string;
      readonly slip?: ManifestSlip;
    }
  /** What a check looks for is not there, since it stands in a manifest that was refused. */
  | {
      readonly code: 'missing-since-refused';
      readonly file: string;
      readonly line?: number;
      readonly column?: number;
      /** Absent where the whole file could not be read. */
      readonly object?: ObjectName;
    }
  | {
      readonly code: 'object-missing';
      readonly object: ObjectName;
      readonly nearest?: ObjectName;
      /** It was there before the learner's files. */
      readonly wasThere?: true;
    }
  /** An object is not the one that was there before, or still is. */
  | { readonly code: 'identity-differs'; readonly object: ObjectName; readonly shouldBeNew: boolean }
  /** A line of a script is no command. */
  | {
      readonly code: 'unknown-command';
      readonly file: string;
      readonly command: string;
      /** Its first word. */
      readonly word: string;
      /** A command that is spelled nearly so. */
      readonly nearest?: string;
      /** A line before it that did nothing but open a shell elsewhere, where the command may have been meant to run. */
      readonly sessionLine?: string;
    }
  | { readonly code: 'no-commands'; readonly file: string }
  /** A controller's Pods are refused by the API server: a quota, or what its template lacks. */
  | { readonly code: 'pods-refused'; readonly controller: ObjectName; readonly message: string }
  | { readonly code: 'object-should-not-exist'; readonly object: ObjectName }
  /** There are more or fewer objects than the task asks for. */
  | {
      readonly code: 'count-differs';
      /** What was counted; its name is labels, or empty. */
      readonly counted: ObjectName;
      /** `2`, `≥ 2` */
      readonly wanted: string;
      /** Their names. */
      readonly found: readonly string[];
    }
  /** A field of an object is not what the task asks for. */
  | {
      readonly code: 'field-differs';
      readonly object: ObjectName;
      readonly path: string;
      readonly wanted: string;
      readonly found: string | undefined;
    }
  /** A container does not run. */
  | {
      readonly code: 'container-not-running';
      readonly pod: ObjectName;
      readonly container: string;
      readonly reason: string;
      readonly lastLog: string;
      /** As the container names it, where it could not be pulled. */
      readonly image?: string;
      /** Images whose names come near, where no registry has it. */
      readonly nearest?: readonly string[];
      /** Of a process that ended. */
      readonly exitCode?: number;
      /** What the newest warning of the Pod says, where the container was never started. */
      readonly warning?: string;
    }
  | { readonly code: 'pod-not-scheduled'; readonly pod: ObjectName; readonly message: string }
  /** A command printed or returned something else. */
  | {
      readonly code: 'output-differs';
      readonly command: string;
      /** What `wanted` is: the whole output when absent, an example of a line, or of a command that a script has to have. */
      readonly expects?: 'line' | 'no-line' | 'command' | 'no-command';
      readonly wanted: string;
      readonly found: string;
    }
  /** A container's log holds a line that it should not hold, or too few of those that it should. */
  | {
      readonly code: 'log-differs';
      readonly pod: ObjectName;
      /** An example of the lines. */
      readonly pattern: string;
      readonly isWanted: boolean;
      /** How many lines match. */
      readonly lines: number;
    }
  | {
      readonly code: 'command-failed';
      readonly command: string;
      readonly exitCode: number;
      readonly stderr: string;
    }
  /** A written-down value is not the one that the cluster shows. `confusedWith` says what the given value really is. */
  | {
      readonly code: 'value-differs';
      readonly key: string;
      readonly found: string;
      readonly confusedWith?: string;
      readonly lookWith: string;
    }
  /** The right value with more around it, or a part of it. */
  | { readonly code: 'value-form'; readonly key: string; readonly found: string; readonly isMore: boolean }
  | { readonly code: 'value-missing'; readonly key: string; readonly lookWith: string };
