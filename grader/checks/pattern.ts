/**
 * Regular expressions on what a learner's commands print. RE2's time is linear in the text, so that no output, however
 * it is made, can hang a check.
 */
import { RE2JS } from 're2js';
import type { Pattern } from '../exercise/schema.ts';

/** Past this much text only its beginning is looked at; no command of a lesson prints more. */
const maxTextLength = 1_000_000;

/**
 * Whether the pattern is found anywhere in the text; `^` and `$` stand at each line's ends.
 *
 * @throws RE2JSSyntaxException for a pattern that is none: the exercise's bug.
 */
export function matches(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern, RE2JS.MULTILINE).matcher(text.slice(0, maxTextLength)).find();
}

/** The regular expression of a pattern. */
export function expressionOf(pattern: Pattern): string {
  return typeof pattern === 'string' ? pattern : pattern.pattern;
}

/** No sign but anchors at the ends and dots that mean themselves. */
const plain = /^\^?((?:[^\\^$.*+?()[\]{}|]|\\\.)*)\$?$/;

/** What a person is shown of a pattern: its example, its plain text, or else the expression itself. */
export function exampleOf(pattern: Pattern): string {
  if (typeof pattern !== 'string') return pattern.like;
  const text = plain.exec(pattern)?.[1];
  return text === undefined ? `/${pattern}/` : text.replaceAll('\\.', '.');
}
