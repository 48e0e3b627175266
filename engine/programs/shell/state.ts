/** What a shell knows, and the same as JSON, so that a forked shell begins with a copy of it. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { NodeName } from './parse.ts';

/** Where a file descriptor of the shell leads. */
export type Output =
  | { readonly kind: 'own'; readonly fd: 1 | 2 }
  | { readonly kind: 'file'; readonly path: string };

/** Where a function's definition stands. */
export interface FunctionPlace {
  readonly source: string;
  readonly node: NodeName;
}

/** The variables and settings of one shell. */
export interface ShellState {
  /** The script whose tree is being run. */
  source: string;
  /** Called as bash, whose error messages differ. */
  readonly name: string;
  variables: Map<string, string>;
  exported: Set<string>;
  positional: readonly string[];
  cwd: string;
  status: number;
  functions: Map<string, FunctionPlace>;
  /** Single-letter options of `set` (`e`, `u`, `x`) and `pipefail`. */
  options: Set<string>;
  lastBackgroundPid: number | undefined;
  background: number[];
  exitTrap: string | undefined;
}

/** The state as JSON. */
export function saveState(state: ShellState): JsonObject {
  return {
    source: state.source,
    name: state.name,
    variables: [...state.variables].map(([name, value]) => [name, value]),
    exported: [...state.exported],
    positional: state.positional,
    cwd: state.cwd,
    status: state.status,
    functions: [...state.functions].map(([name, { source, node }]) => [name, { source, node: { ...node } }]),
    options: [...state.options],
    background: [...state.background],
    lastBackgroundPid: state.lastBackgroundPid ?? null,
    exitTrap: state.exitTrap ?? null,
  };
}

/** The state in JSON that {@link saveState} made. */
export function loadState(saved: JsonObject): ShellState {
  const texts = (value: JsonValue | undefined) => (Array.isArray(value) ? value.map(String) : []);
  const pairs = (value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] =>
    Array.isArray(value)
      ? value.map((pair: JsonValue) =>
          Array.isArray(pair) ? [String(pair[0]), pair[1] ?? null] : ['', null],
        )
      : [];
  return {
    source: String(saved.source),
    name: String(saved.name),
    variables: new Map(pairs(saved.variables).map(([name, value]) => [name, String(value)])),
    exported: new Set(texts(saved.exported)),
    positional: texts(saved.positional),
    cwd: String(saved.cwd),
    status: Number(saved.status),
    functions: new Map(pairs(saved.functions).map(([name, place]) => [name, parsePlace(place)])),
    options: new Set(texts(saved.options)),
    background: texts(saved.background).map(Number),
    lastBackgroundPid: typeof saved.lastBackgroundPid === 'number' ? saved.lastBackgroundPid : undefined,
    exitTrap: typeof saved.exitTrap === 'string' ? saved.exitTrap : undefined,
  };
}

/** A node's name in JSON. */
export function parseNodeName(value: JsonValue | undefined): NodeName {
  if (!isJsonObject(value)) return { type: '', pos: 0, end: 0 };
  return { type: String(value.type), pos: Number(value.pos), end: Number(value.end) };
}

function parsePlace(value: JsonValue): FunctionPlace {
  if (!isJsonObject(value)) return { source: '', node: parseNodeName(undefined) };
  return { source: String(value.source), node: parseNodeName(value.node) };
}

/** The variables that children get. */
export function environmentOf(state: ShellState): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  for (const name of state.exported) {
    const value = state.variables.get(name);
    if (value !== undefined) environment.set(name, value);
  }
  return environment;
}
