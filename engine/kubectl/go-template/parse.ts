/**
 * Go templates as `-o go-template` takes them. Source: text/template/parse/parse.go.
 * Left out: `block`, complex numbers, and hexadecimal floating-point numbers.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { functionNames } from './functions.ts';
import { lexTemplate, lineAt, type Piece, type Word } from './lex.ts';
import type { Command, Operand, Pipe, TemplateNode } from './nodes.ts';

/** A template with those that it defines by name. */
export interface ParsedTemplate {
  readonly text: string;
  readonly root: readonly TemplateNode[];
  readonly named: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** Blocks inside each other that are still read. */
const deepest = 200;

/** Reads a template; the error is Go's: `template: output:1: function "x" not defined`. */
export function parseGoTemplate(text: string): Result<ParsedTemplate, string> {
  const pieces = lexTemplate(text);
  if (!pieces.ok) return err(`template: output:${pieces.error}`);
  const parser = new Parser(text, pieces.value);
  try {
    const root = parser.list(['end-of-input'], 0).nodes;
    return ok({ text, root, named: parser.named });
  } catch (problem) {
    if (problem instanceof ParseProblem) return err(`template: output:${problem.message}`);
    throw problem;
  }
}

class ParseProblem extends Error {}

interface Block {
  readonly nodes: readonly TemplateNode[];
  /** What ended it: `end`, `else`, or the end of the text. */
  readonly ending: string;
  readonly reader: WordReader | undefined;
}

class Parser {
  readonly #text: string;
  readonly #pieces: readonly Piece[];
  #at = 0;
  #loops = 0;
  #variables: string[] = ['$'];
  readonly named = new Map<string, readonly TemplateNode[]>();

  constructor(text: string, pieces: readonly Piece[]) {
    this.#text = text;
    this.#pieces = pieces;
  }

  fail(offset: number, message: string): never {
    throw new ParseProblem(`${lineAt(this.#text, offset)}: ${message}`);
  }

  list(endings: readonly string[], depth: number): Block {
    if (depth > deepest) this.fail(this.#text.length, 'template: too deeply nested');
    const nodes: TemplateNode[] = [];
    for (;;) {
      const piece = this.#pieces[this.#at];
      this.#at += 1;
      if (piece === undefined) {
        if (!endings.includes('end-of-input')) this.fail(this.#text.length, 'unexpected EOF');
        return { nodes, ending: 'end-of-input', reader: undefined };
      }
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const reader = new WordReader(piece.words, piece.offset, this);
      const keyword = reader.keyword();
      if (keyword === 'end' || keyword === 'else') {
        if (!endings.includes(keyword)) this.fail(piece.offset, `unexpected {{${keyword}}}`);
        reader.next();
        return { nodes, ending: keyword, reader };
      }
      const node = this.#action(keyword, reader, depth);
      if (node !== undefined) nodes.push(node);
    }
  }

  #action(keyword: string, reader: WordReader, depth: number): TemplateNode | undefined {
    if (keyword === 'if' || keyword === 'with' || keyword === 'range') {
      reader.next();
      return this.#control(keyword, reader, depth);
    }
    if (keyword === 'break' || keyword === 'continue') {
      if (this.#loops === 0) this.fail(reader.offset, `{{${keyword}}} outside {{range}}`);
      return { kind: keyword };
    }
    if (keyword === 'define') {
      reader.next();
      this.named.set(reader.quoted('define clause'), this.list(['end'], depth + 1).nodes);
      return undefined;
    }
    if (keyword === 'template') {
      reader.next();
      const nameAt = reader.peekOffset();
      const name = reader.quoted('template clause');
      const pipe = reader.isAtEnd() ? undefined : reader.pipe('template clause', this.#variables);
      return { kind: 'template', name, pipe, offset: nameAt };
    }
    return { kind: 'action', pipe: reader.pipe('command', this.#variables) };
  }

  #control(kind: 'if' | 'with' | 'range', reader: WordReader, depth: number): TemplateNode {
    const before = this.#variables.length;
    const pipe = reader.pipe(kind, this.#variables);
    if (kind === 'range') this.#loops += 1;
    const body = this.list(['end', 'else'], depth + 1);
    if (kind === 'range') this.#loops -= 1;
    let otherwise: readonly TemplateNode[] = [];
    if (body.ending === 'else') {
      const follow = body.reader?.keyword() ?? '';
      if (body.reader !== undefined && follow === kind && kind !== 'range') {
        body.reader.next();
        otherwise = [this.#control(kind, body.reader, depth + 1)];
      } else otherwise = this.list(['end'], depth + 1).nodes;
    }
    this.#variables = this.#variables.slice(0, before);
    return { kind, pipe, body: body.nodes, otherwise };
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Text between quotes as Go reads it. */
function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  return text
    .slice(1, -1)
    .replaceAll(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.)/g, (_, code: string) =>
      /^[xu]./.test(code)
        ? String.fromCodePoint(Number.parseInt(code.slice(1), 16))
        : /^[0-7]{3}$/.test(code)
          ? String.fromCodePoint(Number.parseInt(code, 8))
          : (escapes[code] ?? code),
    );
}

class WordReader {
  readonly offset: number;
  readonly #words: readonly Word[];
  readonly #parser: Parser;
  #at = 0;

  constructor(words: readonly Word[], offset: number, parser: Parser) {
    this.#words = words;
    this.offset = offset;
    this.#parser = parser;
  }

  #skipSpace(): void {
    while (this.#words[this.#at]?.kind === 'space') this.#at += 1;
  }

  #peek(): Word | undefined {
    return this.#words[this.#at];
  }

  keyword(): string {
    this.#skipSpace();
    const word = this.#peek();
    return word?.kind === 'identifier' ? word.text : '';
  }

  next(): Word | undefined {
    this.#skipSpace();
    const word = this.#words[this.#at];
    this.#at += 1;
    return word;
  }

  peekOffset(): number {
    this.#skipSpace();
    return this.#peek()?.offset ?? this.offset;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#words.length;
  }

  quoted(context: string): string {
    const word = this.next();
    if (word?.kind !== 'string') this.#unexpected(word, context);
    return unquote(word.text);
  }

  #unexpected(word: Word | undefined, context: string): never {
    const shown =
      word === undefined
        ? '"}}"'
        : `<${word.text}>`.startsWith('<"')
          ? word.text
          : `${JSON.stringify(word.text)}`;
    this.#parser.fail(word?.offset ?? this.offset, `unexpected ${shown} in ${context}`);
  }

  pipe(context: string, scope: string[], closing?: ')'): Pipe {
    this.#skipSpace();
    const offset = this.#peek()?.offset ?? this.offset;
    const { variables, assigns } = this.#declarations(context, scope);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command(context, scope, closing));
      this.#skipSpace();
      const word = this.#peek();
      if (word === undefined || (closing !== undefined && word.text === closing)) break;
      if (word.text !== '|') this.#unexpected(word, context);
      this.#at += 1;
      // A bar with nothing behind it is let through, as upstream does.
      if (this.isAtEnd()) break;
    }
    if (closing !== undefined) this.#at += 1;
    this.#checkLiterals(commands);
    return { variables, assigns, commands, offset };
  }

  #checkLiterals(commands: readonly Command[]): void {
    for (const [index, command] of commands.entries()) {
      const [first] = command.operands;
      if (index === 0 || first === undefined) continue;
      if (first.kind === 'literal' || first.kind === 'dot' || first.kind === 'nil') {
        this.#parser.fail(first.offset, `non executable command in pipeline stage ${index + 1}`);
      }
    }
  }

  #declarations(context: string, scope: string[]): { variables: readonly string[]; assigns: boolean } {
    const start = this.#at;
    const names: string[] = [];
    for (;;) {
      this.#skipSpace();
      const word = this.#peek();
      if (word?.kind !== 'variable') break;
      names.push(word.text);
      this.#at += 1;
      this.#skipSpace();
      const sign = this.#peek();
      if (sign?.text === ',' && context === 'range' && names.length === 1) {
        this.#at += 1;
        continue;
      }
      if (sign?.text === ':=' || sign?.text === '=') {
        this.#at += 1;
        if (sign.text === ':=') scope.push(...names);
        return { variables: names, assigns: sign.text === '=' };
      }
      break;
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(context: string, scope: string[], closing?: ')'): Command {
    this.#skipSpace();
    const first = this.#peek();
    const operands: Operand[] = [];
    for (;;) {
      this.#skipSpace();
      const word = this.#peek();
      if (word === undefined || word.text === '|' || (closing !== undefined && word.text === closing)) break;
      operands.push(this.#operand(context, scope));
      const after = this.#peek();
      if (after !== undefined && after.kind !== 'space' && after.text !== '|' && after.text !== ')')
        this.#unexpected(after, 'operand');
    }
    if (operands.length === 0) this.#parser.fail(this.offset, `missing value for ${context}`);
    return { operands, offset: first?.offset ?? this.offset };
  }

  #operand(context: string, scope: string[]): Operand {
    const base = this.#term(context, scope);
    const path: string[] = [];
    for (let word = this.#peek(); word?.kind === 'field'; word = this.#peek()) {
      path.push(word.text.slice(1));
      this.#at += 1;
    }
    if (path.length === 0) return base;
    if (base.kind === 'field') return { ...base, path: [...base.path, ...path] };
    if (base.kind === 'variable') return { ...base, path: [...base.path, ...path] };
    if (base.kind === 'literal' || base.kind === 'nil' || base.kind === 'dot')
      this.#parser.fail(
        base.offset,
        `unexpected . after term ${JSON.stringify(base.kind === 'literal' ? base.text : base.kind)}`,
      );
    return { kind: 'chain', base, path, offset: base.offset };
  }

  #term(context: string, scope: string[]): Operand {
    const word = this.#peek();
    if (word === undefined) this.#parser.fail(this.offset, `missing value for ${context}`);
    this.#at += 1;
    const { text, offset } = word;
    switch (word.kind) {
      case 'field':
        return { kind: 'field', path: [text.slice(1)], offset };
      case 'variable':
        if (!scope.includes(text)) this.#parser.fail(offset, `undefined variable ${JSON.stringify(text)}`);
        return { kind: 'variable', name: text, path: [], offset };
      case 'string':
        return { kind: 'literal', value: unquote(text), text, offset };
      case 'char':
        return { kind: 'literal', value: BigInt(unquote(text).codePointAt(0) ?? 0), text, offset };
      case 'number':
        return this.#number(text, offset);
      case 'identifier':
        return this.#identifier(text, offset);
      default:
        if (text === '.') return { kind: 'dot', offset };
        if (text === '(')
          return { kind: 'pipe', pipe: this.pipe('parenthesized pipeline', scope, ')'), offset };
        return this.#unexpected(word, context === 'command' ? 'command' : context);
    }
  }

  #number(text: string, offset: number): Operand {
    const bare = text.replaceAll('_', '');
    if (/^[+-]?(?:\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(bare)) {
      const sign = bare.startsWith('-') ? -1n : 1n;
      const digits = bare.replace(/^[+-]/, '');
      const value = /^0\d+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
      return { kind: 'literal', value: sign * value, text, offset };
    }
    const value = Number(bare);
    if (Number.isNaN(value)) this.#parser.fail(offset, `bad number syntax: ${JSON.stringify(text)}`);
    return { kind: 'literal', value, text, offset };
  }

  #identifier(text: string, offset: number): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', text, offset };
    if (text === 'nil') return { kind: 'nil', offset };
    if (!functionNames.has(text)) this.#parser.fail(offset, `function ${JSON.stringify(text)} not defined`);
    return { kind: 'function', name: text, offset };
  }
}
