/** What a bash that somebody types at knows from the lines before, and the library forgets with each: functions and options. */
import type { Script } from 'unbash';
import { parseScript } from '../programs/shell/parse.ts';

/** A definition in either form, or `unset -f`: what else has no parentheses needs no look. */
const mayDefine = /\w\s*\(\s*\)|\bfunction\s|\bunset\s/;

/**
 * Options that last. Left out: `errexit`, with which a bash would end at the first command that fails, and what the
 * library has on from the start.
 */
const lastingOptions = ['nounset', 'noclobber', 'noglob', 'pipefail', 'verbose', 'xtrace'];
const lastingShopts = ['dotglob', 'extglob', 'globstar', 'nocaseglob', 'nullglob'];

/** Functions by name, and the options that are on. */
export class ShellMemory {
  readonly #functions = new Map<string, string>();
  #options: readonly string[] = [];

  /** What a line needs before it: the functions that it names, each with those that it names in turn, and the options. */
  before(line: string): string {
    const needed = new Map<string, string>();
    const need = (text: string) => {
      for (const [name, definition] of this.#functions) {
        if (needed.has(name) || !mentions(text, name)) continue;
        needed.set(name, definition);
        need(definition);
      }
    };
    need(line);
    return [...this.#options, ...needed.values()].map((text) => `${text}\n`).join('');
  }

  /** Notes what a line defined and switched; `env` is what it left. */
  learn(line: string, env: Readonly<Record<string, string | undefined>>): void {
    const on = (list: string | undefined, known: readonly string[]) =>
      known.filter((name) => list?.split(':').includes(name) === true);
    this.#options = [
      ...on(env.SHELLOPTS, lastingOptions).map((name) => `set -o ${name}`),
      ...on(env.BASHOPTS, lastingShopts).map((name) => `shopt -s ${name}`),
    ];
    if (!mayDefine.test(line)) return;
    for (const [, names = ''] of line.matchAll(/\bunset\s+-f\s+([\w\s-]+)/g))
      for (const name of names.split(/\s+/)) this.#functions.delete(name);
    const script = parseScript(line);
    if ((script.errors ?? []).length > 0) return;
    this.#learnFunctions(script, line);
  }

  #learnFunctions(script: Script, line: string): void {
    for (const { command } of script.commands) {
      if (command.type !== 'Function') continue;
      this.#functions.set(command.name.text, line.slice(command.pos, command.end));
    }
  }
}

function mentions(text: string, name: string): boolean {
  return text.split(/[^\w.:+@-]+/).includes(name);
}
