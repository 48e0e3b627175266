/** Runs a parsed Go template over an object. Source: text/template/exec.go. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { isTrue, templateFunction } from './functions.ts';
import { formatValue, type GoValue, typeName } from './go-format.ts';
import {
  type Command,
  type Operand,
  type Pipe,
  showCommand,
  showOperand,
  showPipe,
  type TemplateNode,
} from './nodes.ts';
import type { ParsedTemplate } from './parse.ts';

/** Bounds on what a template may do, so that one that never ends does end. */
const mostSteps = 1_000_000;
const mostText = 16_000_000;
const deepestCall = 1_000;

/**
 * @param allowMissingKeys a missing key gives `<no value>` instead of an error.
 * @returns the text; an error in Go's words: `template: output:1:2: executing "output" at <.a>: …`.
 */
export function executeGoTemplate(
  template: ParsedTemplate,
  data: JsonValue,
  { allowMissingKeys }: { readonly allowMissingKeys: boolean },
): Result<string, string> {
  const run = new Execution(template, allowMissingKeys, data);
  try {
    run.walk(template.root, data, 0);
    return ok(run.text);
  } catch (problem) {
    if (problem instanceof ExecutionProblem) return err(problem.message);
    throw problem;
  }
}

class ExecutionProblem extends Error {}

type Signal = 'break' | 'continue' | undefined;

class Execution {
  readonly #template: ParsedTemplate;
  readonly #allowMissingKeys: boolean;
  #variables: { readonly name: string; value: GoValue }[];
  #name = 'output';
  #steps = 0;
  text = '';

  constructor(template: ParsedTemplate, allowMissingKeys: boolean, data: JsonValue) {
    this.#template = template;
    this.#allowMissingKeys = allowMissingKeys;
    this.#variables = [{ name: '$', value: data }];
  }

  #fail(offset: number, shown: string, message: string): never {
    const before = this.#template.text.slice(0, offset);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1), 'utf8');
    const context = shown.length > 20 ? `${[...shown].slice(0, 20).join('')}...` : shown;
    throw new ExecutionProblem(
      `template: output:${line}:${column}: executing ${JSON.stringify(this.#name)} at <${context}>: ${message}`,
    );
  }

  #emit(text: string): void {
    this.text += text;
    if (this.text.length > mostText) throw new ExecutionProblem('template: output: the output is too long');
  }

  walk(nodes: readonly TemplateNode[], dot: GoValue, depth: number): Signal {
    for (const node of nodes) {
      this.#steps += 1;
      if (this.#steps > mostSteps)
        throw new ExecutionProblem('template: output: the template goes on for too long');
      const signal = this.#walkOne(node, dot, depth);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  #walkOne(node: TemplateNode, dot: GoValue, depth: number): Signal {
    switch (node.kind) {
      case 'text':
        this.#emit(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.variables.length === 0)
          this.#emit(value === undefined || value === null ? '<no value>' : formatValue(value));
        return undefined;
      }
      case 'if':
      case 'with': {
        const mark = this.#variables.length;
        const value = this.#pipe(node.pipe, dot);
        const inner = node.kind === 'with' ? value : dot;
        const signal = isTrue(value)
          ? this.walk(node.body, inner, depth)
          : this.walk(node.otherwise, dot, depth);
        this.#variables.length = mark;
        return signal;
      }
      case 'range':
        return this.#range(node, dot, depth);
      case 'template':
        this.#call(node, dot, depth);
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #range(
    node: TemplateNode & { readonly kind: 'if' | 'with' | 'range' },
    dot: GoValue,
    depth: number,
  ): Signal {
    const mark = this.#variables.length;
    const value = this.#commands(node.pipe, dot);
    const { variables, assigns } = node.pipe;
    let signal: Signal;
    let count = 0;
    for (const [key, item] of this.#items(node.pipe, value)) {
      count += 1;
      const pair = variables.length > 1 ? [key, item] : [item];
      for (const [index, name] of variables.entries()) this.#set(name, pair[index], assigns);
      signal = this.walk(node.body, item, depth);
      this.#variables.length = mark;
      if (signal === 'break') break;
    }
    if (count === 0) signal = this.walk(node.otherwise, dot, depth);
    this.#variables.length = mark;
    return count === 0 ? signal : undefined;
  }

  #items(pipe: Pipe, value: GoValue): readonly (readonly [GoValue, GoValue])[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((item, index) => [BigInt(index), item] as const);
    if (isJsonObject(value))
      return Object.keys(value)
        .sort(compareKeys)
        .map((key) => [key, value[key]] as const);
    if (typeof value === 'bigint' && value >= 0n && value <= BigInt(mostSteps))
      return Array.from({ length: Number(value) }, (_, index) => [BigInt(index), BigInt(index)] as const);
    return this.#fail(pipe.offset, showPipe(pipe), `range can't iterate over ${formatValue(value)}`);
  }

  #call(node: TemplateNode & { readonly kind: 'template' }, dot: GoValue, depth: number): void {
    const body = this.#template.named.get(node.name);
    const quoted = JSON.stringify(node.name);
    if (body === undefined)
      this.#fail(node.offset, `{{template ${quoted}}}`, `template ${quoted} not defined`);
    if (depth > deepestCall)
      this.#fail(node.offset, `{{template ${quoted}}}`, `exceeded maximum template depth (${deepestCall})`);
    const inner = node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot);
    const [variables, name] = [this.#variables, this.#name];
    this.#variables = [{ name: '$', value: inner }];
    this.#name = node.name;
    this.walk(body, inner, depth + 1);
    this.#variables = variables;
    this.#name = name;
  }

  #set(name: string, value: GoValue, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast((one) => one.name === name) : undefined;
    if (known === undefined) this.#variables.push({ name, value });
    else known.value = value;
  }

  #pipe(pipe: Pipe, dot: GoValue): GoValue {
    const value = this.#commands(pipe, dot);
    for (const name of pipe.variables) this.#set(name, value, pipe.assigns);
    return value;
  }

  #commands(pipe: Pipe, dot: GoValue): GoValue {
    let value: GoValue;
    for (const [index, command] of pipe.commands.entries()) {
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    }
    return value;
  }

  #command(command: Command, dot: GoValue, final: readonly GoValue[]): GoValue {
    const [first, ...args] = command.operands;
    if (first === undefined) return undefined;
    if (first.kind === 'function') return this.#callFunction(command, first, { args, dot, final });
    if (args.length > 0 || final.length > 0) {
      const shown = showOperand(first);
      if (first.kind === 'field' || first.kind === 'chain' || first.kind === 'variable') {
        const name = first.path.at(-1) ?? first.kind;
        if (first.kind !== 'variable' || first.path.length > 0)
          this.#fail(this.#pointOf(first).offset, shown, `${name} is not a method but has arguments`);
      }
      this.#fail(first.offset, shown, `can't give argument to non-function ${shown}`);
    }
    if (first.kind === 'nil') this.#fail(first.offset, 'nil', 'nil is not a command');
    return this.#operand(first, dot);
  }

  #callFunction(
    command: Command,
    operand: Operand & { readonly kind: 'function' },
    given: { readonly args: readonly Operand[]; readonly dot: GoValue; readonly final: readonly GoValue[] },
  ): GoValue {
    const { name } = operand;
    const spec = templateFunction(name);
    const shown = given.args.length === 0 && given.final.length > 0 ? name : showCommand(command);
    if (spec === undefined)
      return this.#fail(operand.offset, name, `${JSON.stringify(name)} is not a defined function`);
    const count = given.args.length + given.final.length;
    if (count < spec.least || count > spec.most) {
      const want = spec.most === Number.POSITIVE_INFINITY ? `at least ${spec.least}` : String(spec.least);
      return this.#fail(operand.offset, name, `wrong number of args for ${name}: want ${want} got ${count}`);
    }
    const [format] = given.args;
    if (name === 'printf' && format?.kind === 'literal' && typeof format.value !== 'string')
      this.#fail(format.offset, format.text, `expected string; found ${format.text}`);
    const values: GoValue[] = [];
    for (const arg of given.args) {
      const value = arg.kind === 'nil' ? null : this.#operand(arg, given.dot);
      values.push(value);
      // What follows isn't looked at any more.
      if ((name === 'and' && !isTrue(value)) || (name === 'or' && isTrue(value))) return value;
    }
    const result = spec.call([...values, ...given.final]);
    if (result.ok) return result.value;
    return this.#fail(operand.offset, shown, `error calling ${name}: ${result.error}`);
  }

  #operand(operand: Operand, dot: GoValue): GoValue {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return operand.value;
      case 'function':
        return this.#callFunction({ operands: [operand], offset: operand.offset }, operand, {
          args: [],
          dot,
          final: [],
        });
      case 'pipe':
        return this.#pipe(operand.pipe, dot);
      case 'field':
        return this.#fields(operand, dot, operand.path);
      case 'variable':
        return this.#fields(
          operand,
          this.#variables.findLast((one) => one.name === operand.name)?.value,
          operand.path,
        );
      case 'chain':
        return this.#fields(operand, this.#operand(operand.base, dot), operand.path);
    }
  }

  /** What messages about a field point at: the second step of a path, or what was looked at last before a chain. */
  #pointOf(operand: Operand): { readonly offset: number; readonly shown: string } {
    if (operand.kind === 'chain') return this.#pointOf(lastOperand(operand.base));
    const shown = showOperand(operand);
    if (operand.kind === 'field' && operand.path.length > 1)
      return { offset: operand.offset + (operand.path[0]?.length ?? 0) + 1, shown };
    if (operand.kind === 'variable' && operand.path.length > 0)
      return { offset: operand.offset + operand.name.length, shown };
    return { offset: operand.offset, shown };
  }

  #fields(operand: Operand, from: GoValue, path: readonly string[]): GoValue {
    let at = from;
    for (const [index, name] of path.entries()) {
      const { offset, shown } = this.#pointOf(operand);
      if (at === undefined) {
        if (!this.#allowMissingKeys)
          this.#fail(offset, shown, `nil data; no entry for key ${JSON.stringify(name)}`);
        return undefined;
      }
      if (at === null) return this.#fail(offset, shown, `nil pointer evaluating interface {}.${name}`);
      if (!isObject(at)) {
        const type = index === 0 && operand.kind === 'variable' ? typeName(at) : 'interface {}';
        return this.#fail(offset, shown, `can't evaluate field ${name} in type ${type}`);
      }
      if (!Object.hasOwn(at, name)) {
        if (!this.#allowMissingKeys)
          this.#fail(offset, shown, `map has no entry for key ${JSON.stringify(name)}`);
        at = undefined;
      } else at = at[name];
    }
    return at;
  }
}

/** The operand that was looked at last when another has its value. */
function lastOperand(operand: Operand): Operand {
  if (operand.kind !== 'pipe') return operand;
  const last = operand.pipe.commands.at(-1)?.operands.at(-1);
  return last === undefined ? operand : lastOperand(last);
}

function isObject(value: GoValue): value is Extract<JsonValue, { readonly [key: string]: JsonValue }> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
