/** What stands in a request's body: text as it is, or an object in protobuf as the same object in JSON. */
import { createScheme } from '../api/create-scheme.ts';
import { decodeProtobuf, type ProtobufTypes, protobufMediaType } from '../api/decode/decode-protobuf.ts';
import { tokenRequestKind } from '../api/kinds/reviews.ts';
import type { ApiRequest } from '../api/request.ts';
import { loadSchema } from '../api/schema/schema.ts';
import { failure } from '../api/status.ts';
import type { Status } from '../api/types/kinds.ts';
import { err, ok, type Result } from '../base/result.ts';

/** The types that bodies may be of. */
export function createProtobufTypes(): ProtobufTypes {
  const scheme = createScheme();
  const schema = loadSchema();
  return {
    schema,
    typeOf(apiVersion, kind) {
      const at = apiVersion.indexOf('/');
      const known = scheme.byKind(at < 0 ? '' : apiVersion.slice(0, at), apiVersion.slice(at + 1), kind);
      if (known !== undefined) return known.schema;
      // Two groups have a type of this name.
      if (kind === tokenRequestKind.kind) return tokenRequestKind.schema;
      // Kinds that nobody stores: DeleteOptions, Eviction, Binding, Scale.
      const name = `V1${kind}`;
      return schema.type(name)?.fields.has('kind') ? name : undefined;
    },
  };
}

/** Puts a body into a request whose head was read. */
export function withBody(head: ApiRequest, bytes: Buffer, types: ProtobufTypes): Result<ApiRequest, Status> {
  if (bytes.length === 0) return ok(head);
  const mediaType = (head.headers?.['content-type'] ?? '').split(';', 1)[0]?.trim();
  if (mediaType !== protobufMediaType) return ok({ ...head, body: bytes.toString('utf8') });
  const decoded = decodeProtobuf(bytes, types);
  if (!decoded.ok) return err(failure('BadRequest', decoded.error));
  return ok({
    ...head,
    body: decoded.value,
    headers: { ...head.headers, 'content-type': 'application/json' },
  });
}
