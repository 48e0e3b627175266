/** Decoding an object as one of a kind, whether the kind stands in the table of types or is defined by an object. */
import { type Decoded, type DecodeOptions, decodeObject } from '../../api/decode/decode-object.ts';
import type { KindDefinition } from '../../api/scheme.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { ServerContext } from './server-context.ts';

/** As {@link decodeObject}, for any kind. */
export function decodeOfKind(
  server: ServerContext,
  kind: KindDefinition,
  json: JsonObject,
  options: DecodeOptions,
): Result<Decoded, string> {
  return kind.custom?.decode(json, options) ?? decodeObject(server.schema, kind.schema, json, options);
}
