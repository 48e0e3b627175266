/**
 * The types that the checker of CEL reasons with. Source: github.com/google/cel-spec, langdef.md; the words that name them in
 * errors are cel-go's (FormatCELType).
 */

/** A type. `object` is a struct whose fields are known; `param` stands for any one type within a signature. */
export type CelType =
  | { readonly kind: 'simple'; readonly name: string }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'optional'; readonly value: CelType }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, CelType> }
  | { readonly kind: 'param'; readonly name: string };

/** A type without parts, by its name: `int`, `string`, `dyn`, `timestamp`. */
export function simpleType(name: string): CelType {
  return { kind: 'simple', name };
}

export const dynType: CelType = simpleType('dyn');
export const boolType: CelType = simpleType('bool');
export const stringType: CelType = simpleType('string');
export const intType: CelType = simpleType('int');

/** Whether all checks wait until values are there. */
export function isDyn(type: CelType): boolean {
  return type.kind === 'simple' && type.name === 'dyn';
}

const longNames = new Map([
  ['timestamp', 'google.protobuf.Timestamp'],
  ['duration', 'google.protobuf.Duration'],
  ['null', 'null'],
  ['type', 'type(dyn)'],
]);

/** A type as error messages print it: `list(string)`, `map(string, int)`. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'simple':
      return longNames.get(type.name) ?? type.name;
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'optional':
      return `optional_type(${formatType(type.value)})`;
    case 'object':
      return 'object';
    case 'param':
      return type.name;
  }
}

/** What the parameters of a signature stand for in one call. */
export type Bindings = Map<string, CelType>;

/** Whether a value of a type may stand where a signature wants another; notes what its parameters stand for. */
export function isAssignable(wanted: CelType, given: CelType, bindings: Bindings): boolean {
  if (wanted.kind === 'param') {
    const known = bindings.get(wanted.name);
    if (known === undefined || isDyn(known)) {
      bindings.set(wanted.name, given);
      return true;
    }
    return isAssignable(known, given, bindings);
  }
  if (isDyn(wanted) || isDyn(given) || given.kind === 'param') return true;
  if (wanted.kind === 'list' && given.kind === 'list') {
    return isAssignable(wanted.element, given.element, bindings);
  }
  if (wanted.kind === 'map' && given.kind === 'map') {
    return isAssignable(wanted.key, given.key, bindings) && isAssignable(wanted.value, given.value, bindings);
  }
  if (wanted.kind === 'optional' && given.kind === 'optional') {
    return isAssignable(wanted.value, given.value, bindings);
  }
  if (wanted.kind === 'object' && given.kind === 'object') {
    return wanted === given || isSameObject(wanted.fields, given.fields);
  }
  return wanted.kind === 'simple' && given.kind === 'simple' && wanted.name === given.name;
}

function isSameObject(wanted: ReadonlyMap<string, CelType>, given: ReadonlyMap<string, CelType>): boolean {
  if (wanted.size !== given.size) return false;
  return [...wanted].every(([name, type]) => {
    const other = given.get(name);
    return other !== undefined && isAssignable(type, other, new Map());
  });
}

/** A type with its parameters replaced by what they stand for; what stands for nothing is left to be found at run time. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param':
      return bindings.get(type.name) ?? dynType;
    case 'list':
      return { kind: 'list', element: substitute(type.element, bindings) };
    case 'map':
      return { kind: 'map', key: substitute(type.key, bindings), value: substitute(type.value, bindings) };
    case 'optional':
      return { kind: 'optional', value: substitute(type.value, bindings) };
    default:
      return type;
  }
}

/** Reads a type of a signature: `list<T>`, `map<string, dyn>`, `optional<T>`, `int`. Capital letters are parameters. */
export function readType(text: string): CelType {
  const source = text.trim();
  const match = /^(list|map|optional)<(.*)>$/.exec(source);
  if (match === null) return /^[A-Z]$/.test(source) ? { kind: 'param', name: source } : simpleType(source);
  const [, name = '', inner = ''] = match;
  if (name === 'list') return { kind: 'list', element: readType(inner) };
  if (name === 'optional') return { kind: 'optional', value: readType(inner) };
  const comma = inner.indexOf(',');
  return { kind: 'map', key: readType(inner.slice(0, comma)), value: readType(inner.slice(comma + 1)) };
}
