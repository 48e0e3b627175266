/**
 * Defaults hold to their own schema. Source: apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject, jsonEqual } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { has } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { checkRules } from './check-rules.ts';
import { checkValueAt } from './check-value.ts';
import { applySchemaDefaults, pruneUnknownFields } from './prune.ts';
import { readSchemaNode } from './schema-node.ts';
import { eachSubschema } from './schema-walk.ts';

/** The problems of all defaults of a schema. */
export function checkDefaults(schema: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (has(schema, 'default')) errors.push(...checkDefault(schema, `${path}.default`));
  eachSubschema(schema, path, (child, below) => {
    errors.push(...checkDefaults(child, below));
  });
  return errors;
}

function checkDefault(schema: JsonObject, path: string): readonly FieldError[] {
  const value = schema.default ?? null;
  const node = readSchemaNode(schema);
  if (
    isJsonObject(value) &&
    !jsonEqual(pruneUnknownFields(value, { ...node, embeddedResource: node.embeddedResource }).object, value)
  ) {
    return [invalid(path, value, 'must not have unknown fields')];
  }
  const filled = applySchemaDefaults(value, node);
  const problems = checkValueAt(node, filled, path);
  if (problems.length > 0) return problems;
  return checkRules({ node, value: filled, path, isRoot: node.embeddedResource });
}
