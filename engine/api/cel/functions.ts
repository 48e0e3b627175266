/**
 * The functions that rules may call: what they take and give, and what they do. Source: github.com/google/cel-go (standard
 * library, ext strings, sets and lists) and k8s.io/apiserver/pkg/cel/library.
 *
 * Left out: semver, authorizer and JSON patch, which are no part of CRD rules or of little use in them.
 */
import { addressFunctions } from './address-functions.ts';
import type { CelImplementation, FunctionTable } from './function-table.ts';
import { listFunctions } from './list-functions.ts';
import { standardFunctions } from './standard-functions.ts';
import { stringFunctions } from './string-functions.ts';
import { type CelType, readType } from './types.ts';

/** One way to call a function. */
export interface Overload {
  readonly isMember: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  readonly call: CelImplementation;
}

// The functions are the same for all rules; their signatures are read with the first one.
let known: ReadonlyMap<string, readonly Overload[]> | undefined;

/** Every way to call a function of a name. */
export function overloadsOf(name: string): readonly Overload[] {
  known ??= readOverloads([standardFunctions, stringFunctions, listFunctions, addressFunctions]);
  return known.get(name) ?? [];
}

function readOverloads(tables: readonly FunctionTable[]): ReadonlyMap<string, readonly Overload[]> {
  const overloads = new Map<string, Overload[]>();
  for (const table of tables) {
    for (const [signature, call] of Object.entries(table)) {
      const match = /^(?:(.+)\.)?([A-Za-z0-9_+\-*/%<>=!&|@[\]]+)\((.*)\): (.+)$/.exec(signature);
      const [, receiver = '', name = '', parameters = '', result = ''] = match ?? [];
      const isNamespace = receiver !== '' && namespaces.has(receiver);
      const own = receiver === '' || isNamespace ? [] : [readType(receiver)];
      const fullName = isNamespace ? `${receiver}.${name}` : name;
      const list = overloads.get(fullName) ?? [];
      overloads.set(fullName, list);
      list.push({
        isMember: own.length > 0,
        parameters: [...own, ...splitParameters(parameters).map(readType)],
        result: readType(result),
        call,
      });
    }
  }
  return overloads;
}

/** First words of names that are no receivers. */
export const namespaces: ReadonlySet<string> = new Set([
  'optional',
  'sets',
  'ip',
  'format',
  'math',
  'strings',
  'lists',
]);

function splitParameters(text: string): readonly string[] {
  if (text === '') return [];
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, char] of [...text].entries()) {
    if (char === '<') depth += 1;
    else if (char === '>') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
