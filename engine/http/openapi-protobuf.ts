/**
 * /openapi/v2 in protobuf, the only form in which kubectl up to 1.28 reads it. Source: the message types and field numbers
 * of github.com/google/gnostic-models/openapiv2, as far as the document uses them.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';

/** The media type of the form. */
export const openApiProtobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** How older clients write it, which no media type may be called. */
const olderType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** Whether a client takes the form. */
export function acceptsOpenApiProtobuf(accept: string): boolean {
  return accept.includes(openApiProtobufType) || accept.includes(olderType);
}

/** Encodes the document as JSON writes it. */
export function encodeOpenApiV2(document: JsonObject): Buffer {
  return Buffer.concat([
    text(1, document.swagger),
    message(2, encodeInfo(objectOf(document.info))),
    message(8, named(2, objectOf(document.paths), encodePathItem)),
    message(9, named(1, objectOf(document.definitions), encodeSchema)),
  ]);
}

function encodeInfo(info: JsonObject): Buffer {
  return Buffer.concat([text(1, info.title), text(2, info.version)]);
}

const operationNumbers = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
] as const;

function encodePathItem(item: JsonObject): Buffer {
  return Buffer.concat(
    operationNumbers.map(([method, number]) =>
      item[method] === undefined ? empty : message(number, encodeOperation(objectOf(item[method]))),
    ),
  );
}

function encodeOperation(operation: JsonObject): Buffer {
  const parameters = listOf(operation.parameters).map((parameter) => {
    const own = objectOf(parameter);
    // ParametersItem, Parameter, NonBodyParameter and QueryParameterSubSchema lie one in another.
    const query = Buffer.concat([text(2, own.in), text(4, own.name), text(6, own.type)]);
    return message(8, message(1, message(2, message(3, query))));
  });
  const responses = named(1, objectOf(operation.responses), (response) =>
    message(1, Buffer.concat([text(1, response.description), message(2, message(1, schemaOf(response)))])),
  );
  return Buffer.concat([...parameters, message(9, responses), extensions(13, operation)]);
}

function schemaOf(parent: JsonObject): Buffer {
  return encodeSchema(objectOf(parent.schema));
}

function encodeSchema(schema: JsonObject): Buffer {
  const { additionalProperties, items, properties } = schema;
  return Buffer.concat([
    text(1, schema.$ref),
    text(2, schema.format),
    text(4, schema.description),
    ...listOf(schema.required).map((name) => text(19, name)),
    additionalProperties === undefined
      ? empty
      : message(21, message(1, encodeSchema(objectOf(additionalProperties)))),
    schema.type === undefined ? empty : message(22, text(1, schema.type)),
    items === undefined ? empty : message(23, message(1, encodeSchema(objectOf(items)))),
    properties === undefined ? empty : message(25, named(1, objectOf(properties), encodeSchema)),
    extensions(31, schema),
  ]);
}

/** What begins with `x-`: a name, and the value as YAML, of which JSON is a part. */
function extensions(number: number, object: JsonObject): Buffer {
  return Buffer.concat(
    Object.entries(object)
      .filter(([name]) => name.startsWith('x-'))
      .map(([name, value]) =>
        message(number, Buffer.concat([text(1, name), message(2, text(2, JSON.stringify(value)))])),
      ),
  );
}

/** The entries of an object as messages of a name and a value. */
function named(number: number, object: JsonObject, encode: (value: JsonObject) => Buffer): Buffer {
  return Buffer.concat(
    Object.entries(object).map(([name, value]) =>
      message(number, Buffer.concat([text(1, name), message(2, encode(objectOf(value)))])),
    ),
  );
}

const empty = Buffer.alloc(0);

function text(number: number, value: JsonValue | undefined): Buffer {
  return typeof value === 'string' && value !== '' ? message(number, Buffer.from(value, 'utf8')) : empty;
}

/** A field of bytes with their length before them: wire type 2. */
function message(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
