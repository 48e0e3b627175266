/**
 * Runs a shell script's tree: lists, pipelines, loops, functions, redirections. Subshells, background commands and the
 * stages of a pipeline are forks of the shell itself, as in a real one.
 *
 * Left out: job control, arrays, coprocesses, `select`, `time`, descriptors above 2.
 */
import type {
  AndOr,
  Case,
  Command,
  CompoundList,
  For,
  If,
  ParsedScript,
  Pipeline,
  Redirection,
  Statement,
  SyntaxNode,
  While,
  Word,
} from 'unbash';
import type { JsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import { runBuiltin } from './builtins.ts';
import { evaluateExpression, expandFields, expandPattern, expandText } from './expand.ts';
import { findNode, type NodeName, parseScript, syntaxError } from './parse.ts';
import { matchesPattern } from './patterns.ts';
import type { Jump, ShellRunner } from './runner.ts';
import { ShellStreams } from './shell-streams.ts';
import { environmentOf, type ShellState, saveState } from './state.ts';
import { hasSubstitution, isNegated, nameOf, nothing, quoteForTrace } from './syntax.ts';
import { evaluateTestExpression } from './test-command.ts';

/** Function calls within function calls, at most. */
const maxCallDepth = 100;

/** See the head of this file. */
export class Interpreter extends ShellStreams implements ShellRunner {
  readonly state: ShellState;
  readonly pid: number;
  jump: Jump | undefined;
  loopDepth = 0;
  #callDepth = 0;
  /** Set while an expansion or redirection has failed; the command is not run then. */
  #failed = false;
  /** Functions' bodies that were looked up already. */
  readonly #bodies = new Map<string, SyntaxNode>();

  constructor(state: ShellState, pid: number) {
    super();
    this.state = state;
    this.pid = pid;
  }

  /** Runs the commands of a script or list; the last one may replace the shell when `isTail`. */
  *runList(statements: readonly Statement[], isTail: boolean, from = 0): sys.Sys<void> {
    for (let index = from; index < statements.length; index += 1) {
      const statement = statements[index];
      if (statement === undefined) break;
      yield* this.#runStatement(statement, isTail && index === statements.length - 1);
      if (this.jump !== undefined) return;
    }
  }

  /**
   * Runs the commands that are all of a process's script. A loop among them is a place to let go of the past: what it
   * needs from before is in the variables, so it begins each round with a checkpoint.
   */
  *runWhole(statements: readonly Statement[], node: NodeName, isTail: boolean, from = 0): sys.Sys<void> {
    for (let index = from; index < statements.length; index += 1) {
      const statement = statements[index];
      if (statement === undefined) break;
      const { command } = statement;
      if (command.type === 'While' && statement.background !== true) {
        yield* this.#runWhile(command, { fork: false, pid: this.pid, node: { ...node }, index });
        if (this.state.options.has('e') && this.state.status !== 0) this.jump ??= { kind: 'exit' };
      } else {
        yield* this.#runStatement(statement, isTail && index === statements.length - 1);
      }
      if (this.jump !== undefined) return;
    }
  }

  /** Runs any command node. */
  *runNode(node: SyntaxNode, isTail: boolean): sys.Sys<void> {
    switch (node.type) {
      case 'Command':
        return yield* this.#runSimple(node, isTail);
      case 'Pipeline':
        return yield* this.#runPipeline(node);
      case 'AndOr':
        return yield* this.#runAndOr(node, isTail);
      case 'CompoundList':
      case 'Script':
        return yield* this.runList(node.commands, isTail);
      case 'BraceGroup':
        return yield* this.runList(node.body.commands, isTail);
      case 'Subshell':
        return yield* this.#runSubshell(node);
      case 'If':
        return yield* this.#runIf(node, isTail);
      case 'While':
        return yield* this.#runWhile(node, undefined);
      case 'For':
        return yield* this.#runFor(node);
      case 'ArithmeticFor': {
        if (node.initialize !== undefined) yield* evaluateExpression(this, node.initialize);
        yield* this.#loop(
          function* (shell) {
            if (node.test === undefined) return true;
            return (yield* evaluateExpression(shell, node.test)) !== 0n;
          },
          node.body,
          function* (shell) {
            if (node.update !== undefined) yield* evaluateExpression(shell, node.update);
          },
        );
        return;
      }
      case 'Case':
        return yield* this.#runCase(node);
      case 'Function':
        this.state.functions.set(node.name.text, { source: this.state.source, node: nameOf(node) });
        this.state.status = 0;
        return;
      case 'Redirected':
        return yield* this.#withRedirections(node.redirects, () => this.runNode(node.command, false));
      case 'TestCommand': {
        const holds = yield* evaluateTestExpression(this, node.expression);
        this.state.status = holds ? 0 : 1;
        return;
      }
      case 'ArithmeticCommand': {
        const value = node.expression === undefined ? 0n : yield* evaluateExpression(this, node.expression);
        this.state.status = value === undefined || value === 0n ? 1 : 0;
        return;
      }
      default:
        yield* this.fail(`${node.type.toLowerCase()}: not supported`);
    }
  }

  /** Runs text as a script in this shell: `eval`, `.`, traps. */
  *runText(text: string): sys.Sys<void> {
    const script = parseScript(text);
    const problem = syntaxError(script);
    if (problem !== undefined) {
      yield* this.sayError(problem);
      this.state.status = 2;
      return;
    }
    const before = this.state.source;
    this.state.source = text;
    yield* this.runList(script.commands, false);
    this.state.source = before;
  }

  *fail(message: string): sys.Sys<void> {
    if (this.#failed) return;
    this.#failed = true;
    yield* this.sayError(message);
    this.state.status = this.state.name === 'bash' ? 1 : 2;
  }

  *substitute(script: ParsedScript | undefined): sys.Sys<string> {
    if (script === undefined) return '';
    const child = yield* this.#forkNode(script, { stdout: 'collect' });
    if (child === undefined) return '';
    const result = yield* sys.wait(child);
    if (!result.ok) return '';
    this.state.status = result.value.exitCode;
    return sys.toText(result.value.stdout).replace(/\n+$/, '').replaceAll('\0', '');
  }

  *#runStatement(statement: Statement, isTail: boolean): sys.Sys<void> {
    if (statement.background === true) {
      const child = yield* this.#forkNode(statement.command, { stdin: 'empty' });
      if (child !== undefined) {
        this.state.lastBackgroundPid = child;
        this.state.background.push(child);
        this.state.status = 0;
      }
      return;
    }
    yield* this.runNode(statement.command, isTail);
    const exempt = statement.command.type === 'AndOr' || isNegated(statement.command);
    if (this.state.options.has('e') && this.state.status !== 0 && !exempt && this.#conditionDepth === 0) {
      this.jump ??= { kind: 'exit' };
    }
  }

  #conditionDepth = 0;

  *#runCondition(list: CompoundList): sys.Sys<boolean> {
    this.#conditionDepth += 1;
    yield* this.runList(list.commands, false);
    this.#conditionDepth -= 1;
    return this.state.status === 0;
  }

  *#runAndOr(node: AndOr, isTail: boolean): sys.Sys<void> {
    for (const [index, command] of node.commands.entries()) {
      const operator = node.operators[index - 1];
      if (operator === '&&' && this.state.status !== 0) continue;
      if (operator === '||' && this.state.status === 0) continue;
      const isLast = index === node.commands.length - 1;
      if (!isLast) this.#conditionDepth += 1;
      yield* this.runNode(command, isTail && isLast);
      if (!isLast) this.#conditionDepth -= 1;
      if (this.jump !== undefined) return;
      const failed = isLast && this.state.status !== 0 && !isNegated(command);
      if (failed && this.state.options.has('e') && this.#conditionDepth === 0) this.jump = { kind: 'exit' };
    }
  }

  *#runPipeline(node: Pipeline): sys.Sys<void> {
    const isNot = isNegated(node);
    const [only] = node.commands;
    if (node.commands.length === 1 && only !== undefined) {
      yield* this.runNode(only, false);
    } else {
      yield* this.#runStages(node);
    }
    if (isNot) this.state.status = this.state.status === 0 ? 1 : 0;
  }

  *#runStages(node: Pipeline): sys.Sys<void> {
    const children: number[] = [];
    let input: number | undefined;
    for (const [index, command] of node.commands.entries()) {
      const isLast = index === node.commands.length - 1;
      const pipe = isLast ? undefined : yield* sys.pipe();
      const child = yield* this.#forkNode(command, {
        ...(input === undefined ? {} : { stdin: { pipe: input } }),
        ...(pipe === undefined ? {} : { stdout: { pipe } }),
        ...(pipe !== undefined && node.operators[index] === '|&' ? { stderr: 'stdout' } : {}),
      });
      if (child === undefined) return;
      children.push(child);
      input = pipe;
    }
    let status = 0;
    let failing = 0;
    for (const child of children) {
      const result = yield* sys.wait(child);
      status = result.ok ? result.value.exitCode : 127;
      if (status !== 0) failing = status;
    }
    this.state.status = this.state.options.has('pipefail') ? failing : status;
  }

  *#runSubshell(node: SyntaxNode): sys.Sys<void> {
    const child = yield* this.#forkNode(node, {});
    if (child === undefined) return;
    const result = yield* sys.wait(child);
    this.state.status = result.ok ? result.value.exitCode : 127;
  }

  /** A copy of this shell that runs one node; undefined when there are too many processes. */
  *#forkNode(node: SyntaxNode, streams: Partial<sys.ChildOptions>): sys.Sys<number | undefined> {
    const source =
      node.type === 'Script' && 'source' in node && node.source !== undefined ? node.source : undefined;
    const state = source === undefined ? this.state : { ...this.state, source };
    const resume = { fork: true, node: { ...nameOf(node) }, index: 0, state: saveState(state) };
    const child = yield* sys.fork([this.state.positional[0] ?? this.state.name], resume, {
      ...this.childStreams(),
      ...streams,
    });
    if (child.ok) return child.value;
    yield* this.sayError("can't fork: Resource temporarily unavailable");
    this.state.status = 2;
    this.jump = { kind: 'exit' };
    return undefined;
  }

  *#runIf(node: If, isTail: boolean): sys.Sys<void> {
    for (const branch of [node, ...node.elif]) {
      const holds = yield* this.#runCondition(branch.clause);
      if (this.jump !== undefined) return;
      if (holds) return yield* this.runList(branch.then.commands, isTail);
    }
    this.state.status = 0;
    if (node.else !== undefined) yield* this.runList(node.else.commands, isTail);
  }

  *#runWhile(node: While, place: JsonObject | undefined): sys.Sys<void> {
    const wanted = node.kind === 'while';
    yield* this.#loop(function* (shell) {
      if (place !== undefined) yield* sys.checkpoint({ ...place, state: saveState(shell.state) });
      return (yield* shell.#runCondition(node.clause)) === wanted;
    }, node.body);
  }

  *#runFor(node: For): sys.Sys<void> {
    const values =
      node.wordlist === undefined ? this.state.positional.slice(1) : yield* expandFields(this, node.wordlist);
    let index = 0;
    yield* this.#loop(() => {
      const value = values[index];
      index += 1;
      if (value === undefined) return false;
      this.state.variables.set(node.name.text, value);
      return true;
    }, node.body);
  }

  *#loop(
    condition: (shell: Interpreter) => boolean | sys.Sys<boolean>,
    body: CompoundList,
    after?: (shell: Interpreter) => sys.Sys<void>,
  ): sys.Sys<void> {
    let status = 0;
    this.loopDepth += 1;
    for (;;) {
      const outcome = condition(this);
      const goesOn = typeof outcome === 'boolean' ? outcome : yield* outcome;
      if (this.jump === undefined && !goesOn) break;
      // A round in which nothing is asked of the machine counts as a step all the same.
      yield* sys.now();
      if (this.jump === undefined) {
        yield* this.runList(body.commands, false);
        status = this.state.status;
      }
      if (this.jump?.kind === 'break' || this.jump?.kind === 'continue') {
        const { kind, levels } = this.jump;
        this.jump = levels > 1 ? { kind, levels: levels - 1 } : undefined;
        if (kind === 'break' || levels > 1) break;
      }
      if (this.jump !== undefined) break;
      if (after !== undefined) yield* after(this);
    }
    this.loopDepth -= 1;
    if (this.jump?.kind !== 'exit' && this.jump?.kind !== 'return') this.state.status = status;
  }

  *#runCase(node: Case): sys.Sys<void> {
    const text = yield* expandText(this, node.word);
    this.state.status = 0;
    let fallsThrough = false;
    for (const item of node.items) {
      let matches = fallsThrough;
      for (const word of item.pattern) {
        if (matches) break;
        matches = matchesPattern(yield* expandPattern(this, word), text);
      }
      if (!matches) continue;
      yield* this.runList(item.body.commands, false);
      if (item.terminator !== ';&') return;
      fallsThrough = true;
    }
  }

  *#runSimple(node: Command, isTail: boolean): sys.Sys<void> {
    this.#failed = false;
    const statusBefore = this.state.status;
    const words: Word[] = node.name === undefined ? [] : [node.name];
    for (const argument of node.args) {
      words.push(
        argument.type === 'Word'
          ? argument
          : { ...argument, type: 'Word', value: argument.text, parts: undefined },
      );
    }
    const argv = yield* expandFields(this, words);
    const assignments: [string, string][] = [];
    for (const item of node.prefix) {
      if (item.type !== 'Assignment') continue;
      if (item.value.type === 'ArrayValue' || item.index !== undefined) {
        yield* this.fail('syntax error: unexpected "("');
        return;
      }
      const value = yield* expandText(this, item.value);
      assignments.push([
        item.name,
        item.append === true ? (this.state.variables.get(item.name) ?? '') + value : value,
      ]);
    }
    if (this.#failed) {
      // A shell that runs a script gives up on an expansion that can't be made.
      this.jump = { kind: 'exit' };
      return;
    }
    if (this.state.options.has('x') && argv.length + assignments.length > 0) {
      const shown = [...assignments.map(([name, value]) => `${name}=${value}`), ...argv.map(quoteForTrace)];
      yield* this.write('stderr', `+ ${shown.join(' ')}\n`);
    }
    if (argv.length === 0) {
      for (const [name, value] of assignments) this.state.variables.set(name, value);
      const substituted = assignments.length > 0 && node.prefix.some(hasSubstitution);
      this.state.status = substituted ? this.state.status : 0;
      if (node.redirects.length > 0) yield* this.#withRedirections(node.redirects, nothing);
      return;
    }
    this.state.status = statusBefore;
    yield* this.#withRedirections(node.redirects, () =>
      this.#dispatch(argv, assignments, isTail && node.redirects.length === 0),
    );
  }

  *#dispatch(
    argv: readonly string[],
    assignments: readonly [string, string][],
    isTail: boolean,
  ): sys.Sys<void> {
    const [name = ''] = argv;
    const functionPlace = this.state.functions.get(name);
    if (functionPlace !== undefined) return yield* this.#callFunction(name, argv, assignments);
    const before = assignments.map(([variable]) => [variable, this.state.variables.get(variable)] as const);
    for (const [variable, value] of assignments) this.state.variables.set(variable, value);
    const handled = yield* runBuiltin(this, argv);
    if (!handled)
      yield* this.runExternal(
        argv,
        assignments.map(([variable]) => variable),
        isTail,
      );
    const keeps = ['export', 'readonly', ':', 'set', 'eval', '.', 'exec'].includes(name);
    if (keeps) return;
    for (const [variable, value] of before) {
      if (value === undefined) this.state.variables.delete(variable);
      else this.state.variables.set(variable, value);
    }
  }

  /** Runs a program and waits for it; in the place of the shell when nothing comes after. */
  *runExternal(argv: readonly string[], extraEnvironment: readonly string[], isTail: boolean): sys.Sys<void> {
    const env = new Map(environmentOf(this.state));
    for (const name of extraEnvironment) env.set(name, this.state.variables.get(name) ?? '');
    const options = { ...this.childStreams(), env };
    if (isTail && this.state.exitTrap === undefined) {
      const errno = yield* sys.exec(argv, options);
      yield* this.sayNotStarted(argv[0] ?? '', errno);
      return;
    }
    const child = yield* sys.spawn(argv, options);
    if (!child.ok) {
      yield* this.sayNotStarted(argv[0] ?? '', child.error);
      return;
    }
    const result = yield* sys.wait(child.value);
    this.state.status = result.ok ? result.value.exitCode : 127;
    if (this.state.status === 137) yield* this.write('stderr', 'Killed\n');
    if (this.state.status === 143) yield* this.write('stderr', 'Terminated\n');
  }

  *#callFunction(
    name: string,
    argv: readonly string[],
    assignments: readonly [string, string][],
  ): sys.Sys<void> {
    const place = this.state.functions.get(name);
    if (place === undefined) return;
    if (this.#callDepth >= maxCallDepth) {
      yield* this.sayError(`${name}: maximum function nesting level exceeded (${maxCallDepth})`);
      this.state.status = 1;
      this.jump = { kind: 'exit' };
      return;
    }
    const key = `${place.node.pos}:${place.source}`;
    const body = this.#bodies.get(key) ?? findNode(parseScript(place.source), place.node);
    if (body === undefined || body.type !== 'Function') return;
    this.#bodies.set(key, body);
    const { positional, source } = this.state;
    for (const [variable, value] of assignments) this.state.variables.set(variable, value);
    this.state.positional = [positional[0] ?? '', ...argv.slice(1)];
    this.state.source = place.source;
    this.#callDepth += 1;
    yield* sys.now();
    yield* this.runNode(body.body, false);
    this.#callDepth -= 1;
    this.state.positional = positional;
    this.state.source = source;
    if (this.jump?.kind === 'return') this.jump = undefined;
  }

  *#withRedirections(redirections: readonly Redirection[], run: () => sys.Sys<void>): sys.Sys<void> {
    const before = { stdin: this.stdin, stdout: this.stdout, stderr: this.stderr };
    let opened = true;
    for (const redirection of redirections) {
      opened = yield* this.redirect(redirection);
      if (!opened) break;
    }
    if (opened) yield* run();
    else this.state.status = 1;
    if (this.keepsRedirections) {
      this.keepsRedirections = false;
      return;
    }
    this.stdin = before.stdin;
    this.stdout = before.stdout;
    this.stderr = before.stderr;
  }

  /** Set by `exec` without a command: its redirections stay. */
  keepsRedirections = false;
}
