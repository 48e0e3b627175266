/**
 * Everything that can go wrong in a kubectl command, and how it is told. It stands for the errors that kubectl's
 * commands return and for cmdutil.CheckErr, which prints them.
 *
 * Source: k8s.io/kubectl/pkg/cmd/util/helpers.go, checkErr and StandardErrorMessage.
 */
import type { Status } from '../api/types/kinds.ts';
import type { Result } from '../base/result.ts';
import type { FailedRequest } from './rest/dial.ts';

/** A reason to end a command. */
export type Failure =
  | { readonly kind: 'message'; readonly message: string }
  /** The API server's refusal. */
  | { readonly kind: 'status'; readonly status: Status }
  /** Nobody answers at an address; `server` is the API server's where it is that one, with the request that was made. */
  | {
      readonly kind: 'unreachable';
      readonly message: string;
      readonly server?: string;
      readonly request?: FailedRequest;
    }
  | { readonly kind: 'several'; readonly failures: readonly Failure[] }
  /** Another failure with an exit code of its own. */
  | { readonly kind: 'code'; readonly code: number; readonly failure: Failure }
  /** Ends with a code and, where it isn't empty, a text as it stands. */
  | { readonly kind: 'exit'; readonly code: number; readonly text: string };

/** What a step of a command gives. */
export type Outcome<T> = Result<T, Failure>;

/** A failure that is only a sentence. */
export function failure(message: string): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error: { kind: 'message', message } };
}

/** One failure out of several: the only one itself, or all together. Undefined when there is none. */
export function joinFailures(failures: readonly Failure[]): Failure | undefined {
  const flat = failures.flatMap((one) => (one.kind === 'several' ? one.failures : [one]));
  return flat.length > 1 ? { kind: 'several', failures: flat } : flat[0];
}

/** Whether the API server said that the object isn't there. */
export function isNotFound(problem: Failure): boolean {
  return problem.kind === 'status' && problem.status.reason === 'NotFound';
}

/** The error's own text, as Go's err.Error() gives it. */
export function messageOf(problem: Failure): string {
  switch (problem.kind) {
    case 'message':
    case 'unreachable':
      return problem.message;
    case 'status':
      return problem.status.message ?? '';
    case 'several':
      return joinMessages(problem.failures);
    case 'code':
      return messageOf(problem.failure);
    case 'exit':
      return problem.text;
  }
}

/** Source: k8s.io/apimachinery/pkg/util/errors, aggregate.Error: repeated texts are said once. */
function joinMessages(failures: readonly Failure[]): string {
  const distinct = [...new Set(failures.map(messageOf))];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}

/** The same failure with its text changed, as Go's fmt.Errorf with %v; what kind it was is lost. */
export function wrapFailure(problem: Failure, wrap: (message: string) => string): Failure {
  return { kind: 'message', message: wrap(messageOf(problem)) };
}

/** What a command that failed prints on stderr, and its exit code. */
export function describeFailure(problem: Failure): { readonly text: string; readonly code: number } {
  if (problem.kind === 'exit') return { text: endLine(problem.text), code: problem.code };
  if (problem.kind === 'code') return { ...describeFailure(problem.failure), code: problem.code };
  return { text: endLine(textOf(problem)), code: 1 };
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function textOf(problem: Failure): string {
  if (problem.kind === 'several') {
    return problem.failures.map((one) => `${standardText(one) ?? messageOf(one)}\n`).join('');
  }
  if (problem.kind === 'status' && problem.status.reason === 'Invalid') return invalidText(problem.status);
  const standard = standardText(problem);
  if (standard !== undefined) return standard;
  const message = messageOf(problem);
  return message.startsWith('error: ') ? message : `error: ${message}`;
}

/** The text of a failure that has one apart from its own words; undefined when it hasn't. */
function standardText(problem: Failure): string | undefined {
  if (problem.kind === 'unreachable') return problem.message;
  if (problem.kind !== 'status') return undefined;
  const { reason, message = '' } = problem.status;
  if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
  if (reason !== undefined && reason !== '') return `Error from server (${reason}): ${message}`;
  return `Error from server: ${message}`;
}

function invalidText(status: Status): string {
  const { details, message = '' } = status;
  const nothingNamed = 'The request is invalid';
  if (details === undefined) return message === '' ? nothingNamed : `${nothingNamed}: ${message}`;
  const { kind = '', name = '', causes = [] } = details;
  const isNamed = kind !== '' || name !== '';
  const head = isNamed ? `The ${kind} ${JSON.stringify(name)} is invalid` : nothingNamed;
  if (causes.length === 0) return isNamed || message === '' ? head : `${head}: ${message}`;
  const lines = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  if (lines.length === 1) return `${head}: ${lines[0]}\n`;
  return `${head}: \n${lines.map((line) => `* ${line}\n`).join('')}`;
}
