/**
 * The rules in CEL of a schema: that they are whole, and compile. Source: apiextensions-apiserver
 * pkg/apis/apiextensions/validation/validation.go (ValidateCustomResourceDefinitionOpenAPISchema).
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { invalid, notSupported, required } from '../field-errors.ts';
import { structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { compileRules } from './compile-rules.ts';
import { readRulePath } from './rule-path.ts';
import { readSchemaNode } from './schema-node.ts';
import { eachSubschema } from './schema-walk.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const lineBreak = /[\n\r]/;

/** The problems of the texts of a node's own rules. */
export function checkRuleTexts(schema: JsonObject, path: string): readonly FieldError[] {
  return structs(schema, 'x-kubernetes-validations').flatMap((json, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const [rule = '', message = '', expression = '', fieldPath = '', reason = ''] = [
      'rule',
      'message',
      'messageExpression',
      'fieldPath',
      'reason',
    ].map((key) => text(json, key));
    const errors: FieldError[] = [];
    if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== '' && message.trim() === '') {
      errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
    } else if (lineBreak.test(message.trim())) {
      errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
    } else if (lineBreak.test(rule.trim()) && message.trim() === '') {
      errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    }
    if (expression !== '' && expression.trim() === '') {
      errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
    }
    if (reason !== '' && !reasons.includes(reason))
      errors.push(notSupported(`${at}.reason`, reason, reasons));
    if (fieldPath !== '' && readRulePath(readSchemaNode(schema), fieldPath) === undefined) {
      errors.push(invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path'));
    }
    return errors;
  });
}

/** The problems of compiling the rules of a schema; nodes with other problems in or below them are passed over. */
export function compileProblems(
  schema: JsonObject,
  path: string,
  others: readonly FieldError[],
): readonly FieldError[] {
  return compileBelow(schema, path, { others, isRoot: true, uncorrelatable: undefined });
}

interface CompilePlace {
  readonly others: readonly FieldError[];
  readonly isRoot: boolean;
  /** The first list or map on the way whose old items are not found again. */
  readonly uncorrelatable: string | undefined;
}

function compileBelow(schema: JsonObject, path: string, place: CompilePlace): readonly FieldError[] {
  const errors: FieldError[] = [];
  const listType = text(schema, 'x-kubernetes-list-type');
  eachSubschema(schema, path, (child, below, key) => {
    const isLost = key === 'items' && listType !== 'map';
    const uncorrelatable = place.uncorrelatable ?? (isLost ? path : undefined);
    errors.push(...compileBelow(child, below, { ...place, isRoot: false, uncorrelatable }));
  });
  const isSound = !place.others.some(({ field }) => field.startsWith(path));
  return isSound ? [...errors, ...compileOwn(schema, path, place)] : errors;
}

function compileOwn(schema: JsonObject, path: string, place: CompilePlace): readonly FieldError[] {
  const node = readSchemaNode(schema);
  const given = structs(schema, 'x-kubernetes-validations');
  return compileRules(node, place.isRoot || node.embeddedResource).flatMap((compiled, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const shown = shownRule(given[index] ?? {});
    const errors: FieldError[] = [];
    if (compiled.error !== undefined) errors.push(invalidRule(`${at}.rule`, shown, compiled.error));
    if (compiled.messageError !== undefined) {
      errors.push(invalidRule(`${at}.messageExpression`, shown, compiled.messageError));
    }
    if (compiled.usesOldSelf && place.uncorrelatable !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
      errors.push(invalid(`${at}.rule`, compiled.rule.rule, detail));
    } else if (
      !compiled.usesOldSelf &&
      compiled.rule.optionalOldSelf !== undefined &&
      compiled.expr !== undefined
    ) {
      const detail = 'may not be set if oldSelf is not used in rule';
      errors.push(invalid(`${at}.optionalOldSelf`, compiled.rule.optionalOldSelf, detail));
    }
    return errors;
  });
}

function invalidRule(field: string, shown: JsonObject, detail: string): FieldError {
  // Go escapes these in JSON, so that it can stand in HTML.
  const escaped = JSON.stringify(shown).replaceAll(
    /[<>&]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${escaped}: ${detail}` };
}

/** A rule as Go prints the struct that holds it. */
function shownRule(json: JsonObject): JsonObject {
  const orNull = (key: string): JsonValue => json[key] ?? null;
  return {
    Rule: text(json, 'rule'),
    Message: text(json, 'message'),
    MessageExpression: text(json, 'messageExpression'),
    Reason: orNull('reason'),
    FieldPath: text(json, 'fieldPath'),
    OptionalOldSelf: orNull('optionalOldSelf'),
  };
}
