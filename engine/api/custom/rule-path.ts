/**
 * The field that a rule's `fieldPath` names. Source: apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go
 * (ValidFieldPath).
 */
import { childNode, type SchemaNode } from './schema-node.ts';

/** The path with a rule's fieldPath behind it, as errors print it. */
export function rulePath(node: SchemaNode, path: string, fieldPath: string): string {
  const steps = readRulePath(node, fieldPath.trim());
  const below = steps ?? '';
  if (path === '' || path === '<nil>') return below === '' ? '<nil>' : below;
  if (below === '') return path;
  return below.startsWith('[') ? `${path}${below}` : `${path}.${below}`;
}

/** A fieldPath as errors print it; undefined when it leads to no field of the schema. */
export function readRulePath(node: SchemaNode, fieldPath: string): string | undefined {
  const step = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y;
  let at: SchemaNode | undefined = node;
  let path = '';
  while (step.lastIndex < fieldPath.length) {
    const match = step.exec(fieldPath);
    if (match === null || at === undefined) return undefined;
    const [, plain, quoted] = match;
    const name: string = plain ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? '';
    const isNamed: boolean = at.properties.size > 0;
    if (isNamed && !at.properties.has(name)) return undefined;
    const child: SchemaNode | undefined = childNode(at, name);
    if (child === undefined) return undefined;
    path = isNamed ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    at = child;
  }
  return path;
}
