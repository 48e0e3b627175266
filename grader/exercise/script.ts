/**
 * A learner's script cut into the commands that are run one after the other, so that each one's output is known by itself.
 * The cuts are bash's own: a loop, a pipe or a here-document stays whole.
 */
import { forEachChild, parse, type Statement, type SyntaxNode } from 'unbash';

/** Commands whose effect reaches over the end of a shell line; from the first of them on, the rest is run as one. */
const wholeScriptCommands = new Set(['exit', 'return', 'set', 'shopt', 'exec', 'trap', 'alias', 'unalias']);

/** The commands in order. A script that bash would not parse is one command, so that bash's own words are printed. */
export function splitScript(text: string): readonly string[] {
  const script = parse(text);
  if (script.errors !== undefined && script.errors.length > 0) return [text];
  const commands: string[] = [];
  const spans = script.commands.map((statement) => spanOf(statement, text));
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index];
    if (span === undefined) continue;
    if (span.reachesOn) {
      commands.push(text.slice(span.start));
      break;
    }
    let { end } = span;
    // Statements of one line stay together: a here-document's body stands after the line, not after its statement.
    for (let next = spans[index + 1]; next !== undefined && !startsLine(text, next.start); ) {
      end = Math.max(end, next.end);
      index++;
      next = spans[index + 1];
    }
    commands.push(text.slice(span.start, end));
  }
  return commands;
}

/** The script's commands without the comments between them, a line or more each. */
export function commandText(text: string): string {
  return splitScript(text)
    .flatMap((command) => command.split('\n'))
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');
}

/** Whether bash would ask for another line: an open quote, loop, here-document, or a line that ends in a backslash. */
export function isIncomplete(text: string): boolean {
  if (/(^|[^\\])(\\\\)*\\\n?$/.test(text)) return true;
  const script = parse(text);
  const errors = script.errors ?? [];
  if (errors.some((error) => error.message.startsWith('unexpected'))) return false;
  const end = text.trimEnd().length;
  if (errors.some((error) => error.pos >= end || error.message.startsWith('unterminated'))) return true;
  return script.commands.some((statement) => spanOf(statement, text).isOpen);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly reachesOn: boolean;
  /** Whether a here-document in it has no end. */
  readonly isOpen: boolean;
}

function spanOf(statement: Statement, text: string): Span {
  let end = statement.end;
  let reachesOn = false;
  let isOpen = false;
  const look = (node: SyntaxNode): void => {
    if (node.type === 'HereDoc') {
      end = Math.max(end, node.closing?.end ?? text.length);
      isOpen ||= node.closing === undefined;
    }
    if (node.type === 'Function') reachesOn = true;
    if (node.type === 'Command' && wholeScriptCommands.has(node.name?.value ?? '')) reachesOn = true;
    forEachChild(node, look);
  };
  look(statement);
  return { start: statement.pos, end, reachesOn, isOpen };
}

function startsLine(text: string, position: number): boolean {
  const lineStart = text.lastIndexOf('\n', position - 1) + 1;
  return text.slice(lineStart, position).trim() === '';
}
