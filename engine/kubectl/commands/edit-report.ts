/** What `kubectl edit` writes above the text, and what it makes of the server's refusals. */
import { type Failure, isNotFound, messageOf } from '../failure.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { qualifiedResource } from '../rest/rest-mapper.ts';

/** Why a text has to be edited again. */
export interface EditReason {
  readonly head: string;
  readonly details: readonly string[];
}

/** The comment at the top of the file, with what was wrong the last time. */
export function formatHeader(mode: 'object' | 'last-applied', reasons: readonly EditReason[]): string {
  const intro =
    mode === 'object'
      ? `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`
      : `# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
`;
  const texts = reasons.map(({ head, details }) => {
    const colon = details.length > 0 ? ':' : '';
    return `# ${hashed(head)}${colon}\n${details.map((one) => `# * ${hashed(one)}\n`).join('')}#\n`;
  });
  return intro + texts.join('');
}

/** A text of several lines stays a comment. */
function hashed(text: string): string {
  return text.replaceAll(/\n(?=[^#])/g, '\n# ');
}

/** The text without its lines that begin with `#`. */
export function stripComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n');
}

/** Whether any line is neither empty nor a comment. */
export function hasContent(text: string): boolean {
  return text.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

/** Collects what became of the objects of one round. */
export class EditReport {
  readonly reasons: EditReason[] = [];
  #retryable = 0;
  #missing = 0;

  addSyntaxError(message: string): void {
    this.reasons.push({ head: `The edited file had a syntax error: ${message}`, details: [] });
  }

  /** Takes up that a text could not be read and gives the line about it. */
  addInvalidText(message: string, { mapping, name }: ResourceInfo): string {
    const about = `${qualifiedResource(mapping)} ${JSON.stringify(name)}`;
    const detail = `<nil>: Invalid value: "The edited file failed validation": ${message}`;
    this.reasons.push({ head: `${about} was not valid`, details: [detail] });
    return `error: ${about} is invalid`;
  }

  /** Takes up a refusal and gives the line about it. */
  addRefusal(problem: Failure, { mapping, name }: ResourceInfo): string {
    const about = `${qualifiedResource(mapping)} ${JSON.stringify(name)}`;
    if (problem.kind === 'status' && problem.status.reason === 'Invalid') {
      const causes = problem.status.details?.causes ?? [];
      const details = causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`);
      this.reasons.push({ head: `${about} was not valid`, details });
      return `error: ${about} is invalid`;
    }
    if (isNotFound(problem)) {
      this.#missing += 1;
      return `error: ${about} could not be found on the server`;
    }
    this.#retryable += 1;
    return `error: ${about} could not be patched: ${messageOf(problem)}`;
  }

  /** What is said where editing again would not help; undefined otherwise. */
  ending(path: string): string | undefined {
    if (this.#retryable > 0) return `You can run \`kubectl replace -f ${path}\` to try this update again.\n`;
    if (this.#missing > 0)
      return `The edits you made on deleted resources have been saved to ${JSON.stringify(path)}\n`;
    return undefined;
  }
}
