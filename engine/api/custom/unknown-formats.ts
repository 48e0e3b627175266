/**
 * What clients are warned of about a definition: formats that the server does not know and so does not hold values to. Source:
 * apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go of v0.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { asJson, struct, structs, text } from '../read.ts';
import type { KubeObject } from '../types/wire.ts';
import { isSupportedFormat } from './formats.ts';
import { eachSubschema } from './schema-walk.ts';

/** The warnings of a new definition, or of what a change brings. */
export function unknownFormats(definition: JsonObject, old?: KubeObject): readonly string[] {
  const known = new Set(old === undefined ? [] : formatsOf(asJson(old)));
  const unknown = new Set(formatsOf(definition).filter((format) => !known.has(format)));
  return [...unknown].map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function formatsOf(definition: JsonObject): readonly string[] {
  return structs(struct(definition, 'spec'), 'versions').flatMap((version) =>
    formatsIn(struct(struct(version, 'schema'), 'openAPIV3Schema')),
  );
}

function formatsIn(schema: JsonObject): readonly string[] {
  const format = text(schema, 'format');
  const found = format === '' || isSupportedFormat(text(schema, 'type'), format) ? [] : [format];
  eachSubschema(schema, '', (child) => {
    found.push(...formatsIn(child));
  });
  return found;
}
