/** From the text of a Go template to its actions' words. Source: text/template/parse/lex.go. */
import { err, ok, type Result } from '../../base/result.ts';

/** A piece of text, or the words of one action. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly words: readonly Word[]; readonly offset: number };

export interface Word {
  readonly kind: 'field' | 'variable' | 'identifier' | 'string' | 'char' | 'number' | 'sign' | 'space';
  readonly text: string;
  readonly offset: number;
}

const spaces = ' \t\r\n';

/** Splits a template; an error has the line before it: `output:1: unclosed action`. */
export function lexTemplate(text: string): Result<readonly Piece[], string> {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  for (;;) {
    const open = text.indexOf('{{', at);
    const trimsBefore = open >= 0 && text[open + 2] === '-' && spaces.includes(text[open + 3] ?? 'x');
    let plain = text.slice(at, open < 0 ? undefined : open);
    if (trimsNext) plain = plain.replace(/^[ \t\r\n]+/, '');
    if (trimsBefore) plain = trimEnd(plain);
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    if (open < 0) return ok(pieces);
    const start = open + 2 + (trimsBefore ? 2 : 0);
    if (text.startsWith('/*', start)) {
      const close = text.indexOf('*/', start);
      if (close < 0) return err(`${lineAt(text, start)}: unclosed comment`);
      const end = /^( -)?\}\}/.exec(text.slice(close + 2, close + 7).replace(/^[\t\r\n]-/, ' -'));
      if (end === null) return err(`${lineAt(text, start)}: comment ends before closing delimiter`);
      trimsNext = end[1] !== undefined;
      at = close + 2 + end[0].length;
      continue;
    }
    const action = lexAction(text, start);
    if (!action.ok) return action;
    pieces.push({ kind: 'action', words: action.value.words, offset: start });
    ({ end: at, trimsNext } = action.value);
  }
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && spaces.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The number of the line at an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const wordShape =
  /([ \t\r\n]+)|("(?:[^"\\\n]|\\.)*"|`[^`]*`)|('(?:[^'\\\n]|\\.)+')|(\.[\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}\p{N}_]*)|([+-]?\d[\w.]*(?:[eE][+-]\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(:=|[=|,().])/uy;
const kinds = ['space', 'string', 'char', 'field', 'variable', 'number', 'identifier', 'sign'] as const;

interface Action {
  readonly words: readonly Word[];
  readonly end: number;
  readonly trimsNext: boolean;
}

function lexAction(text: string, start: number): Result<Action, string> {
  const words: Word[] = [];
  let at = start;
  let depth = 0;
  for (;;) {
    if (text.startsWith('}}', at)) {
      if (depth > 0) return err(`${lineAt(text, at)}: unclosed left paren`);
      return ok({ words, end: at + 2, trimsNext: false });
    }
    if (spaces.includes(text[at] ?? 'x') && text.startsWith('-}}', at + 1)) {
      if (depth > 0) return err(`${lineAt(text, at)}: unclosed left paren`);
      return ok({ words, end: at + 4, trimsNext: true });
    }
    if (at >= text.length) return err(`${lineAt(text, start)}: unclosed action`);
    wordShape.lastIndex = at;
    const match = wordShape.exec(text);
    if (match === null) return err(`${lineAt(text, at)}: ${badWord(text, at)}`);
    const index = kinds.findIndex((_, position) => match[position + 1] !== undefined);
    const word: Word = { kind: kinds[index] ?? 'sign', text: match[0], offset: at };
    if (word.text === '(') depth += 1;
    if (word.text === ')') depth -= 1;
    if (depth < 0) return err(`${lineAt(text, at)}: unexpected right paren`);
    words.push(word);
    at += match[0].length;
  }
}

function badWord(text: string, at: number): string {
  if (text[at] === '"') return 'unterminated quoted string';
  if (text[at] === '`') return 'unterminated raw quoted string';
  if (text[at] === "'") return 'unterminated character constant';
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `unexpected ${JSON.stringify(char)} in action`.replace(
    'in action',
    code === '0000' ? 'in input' : 'in command',
  );
}
