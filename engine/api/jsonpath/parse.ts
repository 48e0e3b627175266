/**
 * The JSONPath of kubectl (`-o jsonpath`, `--sort-by`, custom columns): templates of text and `{…}` with ranges. It
 * stands for the parser of k8s.io/client-go/util/jsonpath.
 */
import { err, ok, type Result } from '../../base/result.ts';

/** One part of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly TemplateNode[] }
  /** What the library refuses only when it comes to it. */
  | { readonly kind: 'refused'; readonly reason: string };

/** One step of a path. */
export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | {
      readonly kind: 'slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly by: number;
      /** `[2]` rather than `[2:3]`: out of bounds is an error. */
      readonly isIndex: boolean;
    }
  | { readonly kind: 'union'; readonly paths: readonly (readonly Step[])[] }
  | {
      readonly kind: 'filter';
      readonly left: Operand;
      readonly operator: FilterOperator;
      readonly right: Operand;
    };

export type FilterOperator = 'exists' | '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A side of a comparison: a path from the item at hand, or a value. */
export type Operand =
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  /** A bare word, which is refused once there is something to compare it with. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Parses a template. The error is the parser's own text, as it stands behind `error parsing jsonpath …, `. */
export function parseJsonPath(template: string): Result<readonly TemplateNode[], string> {
  const parser = new TemplateParser(template);
  return parser.parse();
}

/** Depth of unions and filters inside each other, a bound on recursion. */
const maxDepth = 20;

class TemplateParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Result<readonly TemplateNode[], string> {
    const root: TemplateNode[] = [];
    const open: { readonly steps: readonly Step[]; readonly body: TemplateNode[] }[] = [];
    const add = (node: TemplateNode) => (open.at(-1)?.body ?? root).push(node);
    while (this.#at < this.#text.length) {
      const brace = this.#text.indexOf('{', this.#at);
      if (brace !== this.#at) {
        add({ kind: 'text', text: this.#text.slice(this.#at, brace < 0 ? undefined : brace) });
        if (brace < 0) break;
      }
      const end = closingBrace(this.#text, brace + 1);
      if (end < 0) return err(unclosedReason(this.#text.slice(brace)));
      const action = this.#text.slice(brace + 1, end).trim();
      this.#at = end + 1;
      if (action === 'end') {
        const range = open.pop();
        if (range === undefined) add({ kind: 'refused', reason: 'not in range, nothing to end' });
        else add({ kind: 'range', ...range });
        continue;
      }
      const isRange = /^range\s/.test(action);
      const nodes = parseAction(isRange ? action.slice(6).trim() : action);
      if (!nodes.ok) return nodes;
      if (!isRange) {
        for (const node of nodes.value) add(node);
        continue;
      }
      const [first] = nodes.value;
      open.push({ steps: first?.kind === 'path' ? first.steps : [], body: [] });
    }
    for (let range = open.pop(); range !== undefined; range = open.pop()) {
      add({ kind: 'range', ...range });
      // The library goes on behind a range that nothing ends, as if it had not been in it.
      for (const node of range.body) add(node);
    }
    return ok(root);
  }
}

function unclosedReason(rest: string): string {
  if (/\[[^\]]*$/.test(rest)) return 'unterminated array';
  return /^\{\s*["']/.test(rest) ? 'unterminated quoted string' : 'unclosed action';
}

/** The brace that ends an action, past quoted text. */
function closingBrace(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '}') return at;
  }
  return -1;
}

/** What stands between braces: paths and quoted texts, one after the other. */
function parseAction(action: string): Result<readonly TemplateNode[], string> {
  const nodes: TemplateNode[] = [];
  let rest = action;
  while (rest !== '') {
    const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/.exec(rest);
    if (quoted !== null) {
      nodes.push({ kind: 'text', text: unquoteEscapes(quoted[1] ?? quoted[2] ?? '') });
      rest = rest.slice(quoted[0].length).trimStart();
      continue;
    }
    const identifier = /^[A-Za-z]\w*/.exec(rest);
    if (identifier !== null) {
      nodes.push({ kind: 'refused', reason: `unrecognized identifier ${identifier[0]}` });
      rest = rest.slice(identifier[0].length).trimStart();
      continue;
    }
    const steps = parseSteps(rest, 0);
    if (!steps.ok) return steps;
    nodes.push({ kind: 'path', steps: steps.value.steps });
    const left = rest.slice(steps.value.length).trimStart();
    if (left.length === rest.length)
      return err(`unrecognized character in action: U+${hexOf(rest)} '${rest.charAt(0)}'`);
    rest = left;
  }
  return ok(nodes);
}

function hexOf(text: string): string {
  return (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

interface ParsedSteps {
  readonly steps: readonly Step[];
  readonly length: number;
}

/** Reads `.a.b[0]..c` up to where no step follows. */
function parseSteps(text: string, depth: number): Result<ParsedSteps, string> {
  if (depth > maxDepth) return err('template is nested too deeply');
  const steps: Step[] = [];
  let at = 0;
  // `$` and `@` name the object at hand, which every path starts from anyway.
  if (/^[$@]/.test(text)) at = 1;
  else if (/^[\w*]/.test(text)) {
    const bare = readField(text, 0);
    steps.push(bare.step);
    at = bare.end;
  }
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '.') {
      if (text.charAt(at + 1) === '.') {
        steps.push({ kind: 'recursive' });
        at += text.charAt(at + 2) === '[' ? 2 : 1;
        continue;
      }
      at += 1;
      if (at >= text.length || /[\s[]/.test(text.charAt(at))) continue;
      const field = readField(text, at);
      steps.push(field.step);
      at = field.end;
      continue;
    }
    if (char !== '[') break;
    const end = closingBracket(text, at + 1);
    if (end < 0) return err('unterminated array');
    const step = parseBracket(text.slice(at + 1, end).trim(), depth);
    if (!step.ok) return step;
    steps.push(step.value);
    at = end + 1;
  }
  return ok({ steps, length: at });
}

/** A field's name up to the next step; a backslash takes the next character as it stands. */
function readField(text: string, from: number): { readonly step: Step; readonly end: number } {
  let name = '';
  let at = from;
  while (at < text.length && !/[\s.[\]|{}$@,]/.test(text.charAt(at))) {
    if (text.charAt(at) === '\\') at += 1;
    name += text.charAt(at);
    at += 1;
  }
  return { step: name === '*' ? { kind: 'wildcard' } : { kind: 'field', name }, end: Math.max(at, from + 1) };
}

function closingBracket(text: string, from: number): number {
  let quote = '';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth += 1;
    else if (char === ']') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

function parseBracket(inner: string, depth: number): Result<Step, string> {
  if (inner === '*') return ok({ kind: 'wildcard' });
  if (inner.startsWith('?(') && inner.endsWith(')')) return parseFilter(inner.slice(2, -1).trim(), depth);
  const slice = /^(-?\d*)(?:(:)(-?\d*)(?::(-?\d*))?)?$/.exec(inner);
  if (slice !== null && inner !== '') return ok(readSlice(slice));
  const parts = splitOutsideQuotes(inner);
  const paths: (readonly Step[])[] = [];
  for (const part of parts) {
    const path = parseUnionPart(part.trim(), depth);
    if (!path.ok) return path;
    paths.push(path.value);
  }
  const [only] = paths;
  const step = only?.[0];
  if (paths.length === 1 && only?.length === 1 && step !== undefined) return ok(step);
  return ok({ kind: 'union', paths });
}

function readSlice(match: RegExpExecArray): Step {
  const number = (text: string | undefined) => (text === undefined || text === '' ? undefined : Number(text));
  const isIndex = match[2] === undefined;
  return { kind: 'slice', from: number(match[1]), to: number(match[3]), by: number(match[4]) ?? 1, isIndex };
}

/** A quoted name is a path of its own: dots in it separate fields unless a backslash stands before them. */
function parseUnionPart(part: string, depth: number): Result<readonly Step[], string> {
  if (/^-?\d+$/.test(part))
    return ok([{ kind: 'slice', from: Number(part), to: undefined, by: 1, isIndex: true }]);
  const quoted = /^'([^']*)'$/.exec(part);
  if (quoted === null) return err(`invalid array index ${part}`);
  const steps = parseSteps(`.${quoted[1] ?? ''}`, depth + 1);
  return steps.ok ? ok(steps.value.steps) : steps;
}

function parseFilter(inner: string, depth: number): Result<Step, string> {
  const cut = operatorIn(inner);
  if (cut === undefined) {
    const left = parseOperand(inner, depth);
    if (!left.ok) return left;
    return ok({ kind: 'filter', left: left.value, operator: 'exists', right: { kind: 'value', value: '' } });
  }
  const left = parseOperand(inner.slice(0, cut.at).trim(), depth);
  if (!left.ok) return left;
  const right = parseOperand(inner.slice(cut.at + cut.operator.length).trim(), depth);
  if (!right.ok) return right;
  return ok({ kind: 'filter', left: left.value, operator: cut.operator, right: right.value });
}

function operatorIn(text: string): { readonly at: number; readonly operator: FilterOperator } | undefined {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else {
      const operator = (['==', '!=', '<=', '>=', '<', '>'] as const).find((one) => text.startsWith(one, at));
      if (operator !== undefined) return { at, operator };
    }
  }
  return undefined;
}

function parseOperand(text: string, depth: number): Result<Operand, string> {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(text);
  if (quoted !== null) return ok({ kind: 'value', value: unquoteEscapes(quoted[1] ?? quoted[2] ?? '') });
  if (/^[-+]?\d+(?:\.\d+)?$/.test(text)) return ok({ kind: 'value', value: Number(text) });
  if (text === 'true' || text === 'false') return ok({ kind: 'value', value: text === 'true' });
  const identifier = /^[A-Za-z]\w*/.exec(text);
  if (identifier !== null) return ok({ kind: 'refused', reason: `unrecognized identifier ${identifier[0]}` });
  const steps = parseSteps(text, depth + 1);
  if (!steps.ok) return steps;
  if (steps.value.length !== text.length)
    return err(`unrecognized character in action: U+${hexOf(text)} '${text.charAt(0)}'`);
  return ok({ kind: 'path', steps: steps.value.steps });
}

function splitOutsideQuotes(text: string): readonly string[] {
  const parts: string[] = [];
  let quote = '';
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unquoteEscapes(text: string): string {
  const named: ReadonlyMap<string, string> = new Map([
    ['n', '\n'],
    ['t', '\t'],
    ['r', '\r'],
  ]);
  return text.replace(/\\(.)/g, (_, char: string) => named.get(char) ?? char);
}
