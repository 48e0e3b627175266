/**
 * From a request's body to an object of the kind that the path names, as the API server's decoder and create/update handlers
 * do it. Source: k8s.io/apiserver/pkg/endpoints/handlers, create.go, update.go and rest.go (transformDecodeError).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { decodeOfKind } from './decode-kind.ts';
import { namespaceOf, stringAt, withMetadata } from './object-access.ts';
import { type ParsedBody, parseBodyText, parseText } from './parse-body.ts';
import { badRequest, type Outcome, tooLarge, unsupportedMediaType } from './refusals.ts';
import type { Call } from './server-context.ts';

/** Media types of the bodies of creates and updates. */
const mediaTypes = ['application/json', 'application/yaml'];

/** The body as JSON, whatever its kind. */
export function readBody(call: Call): Outcome<ParsedBody> {
  const body = call.request.body;
  const limit = call.server.limits.maxRequestBytes;
  if (isJsonObject(body)) return ok({ object: body, duplicates: new Map(), duplicateLines: [] });
  const text = typeof body === 'string' ? body : '';
  const mediaType = (call.request.headers?.['content-type'] ?? '').split(';', 1)[0] ?? '';
  if (mediaType !== '' && !mediaTypes.includes(mediaType)) {
    return err(unsupportedMediaType());
  }
  if (text.length > limit) return err(tooLarge(`limit is ${limit}`));
  const parsed = parseBodyText(text, {
    mediaType,
    limits: call.server.limits,
  });
  if (parsed.ok) return parsed;
  return err(
    badRequest(
      `the object provided is unrecognized (must be of type ${call.kind.kind}): ${parsed.error} (${summaryOf(text)})`,
    ),
  );
}

/** The first thirty bytes of what could not be read; what is no JSON object is shown in hexadecimal. */
function summaryOf(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text, 'utf8');
  const shown = bytes.subarray(0, 30).toString(text.startsWith('{') ? 'utf8' : 'hex');
  return bytes.length > 30 ? `${shown} ...` : shown;
}

/** A patch's body: any JSON, or YAML. */
export function readPatch(call: Call): Outcome<JsonValue> {
  const { body } = call.request;
  if (typeof body !== 'string') return ok(body ?? null);
  if (body.length > call.server.limits.maxRequestBytes) {
    return err(tooLarge(`limit is ${call.server.limits.maxRequestBytes}`));
  }
  const mediaType = call.request.headers?.['content-type'] ?? '';
  const parsed = parseText(body, { mediaType, limits: call.server.limits });
  return parsed.ok ? ok(parsed.value.value) : err(badRequest(`error decoding patch: ${parsed.error}`));
}

/**
 * Checks that an object is of the call's kind, decodes it and applies the kind's defaults. Unknown fields are an error, a
 * warning or nothing, as the request's fieldValidation says; they are dropped. `existing` is the stored object that the body
 * is to replace: what the body takes from it unchanged is not decoded again.
 */
export function decodeBody(call: Call, body: ParsedBody, existing?: JsonObject): Outcome<JsonObject> {
  const named = checkKind(call, body.object);
  if (!named.ok) return named;
  const decoded = decodeOfKind(call.server, call.kind, body.object, {
    fieldValidation: call.fieldValidation,
    duplicates: body.duplicates,
    ...knownOf(call, existing),
  });
  const twice = body.duplicateLines;
  if (call.fieldValidation === 'Strict' && twice.length > 0) {
    const prefix = 'strict decoding error: ';
    const others =
      !decoded.ok && decoded.error.startsWith(prefix) ? `, ${decoded.error.slice(prefix.length)}` : '';
    const why = `${prefix}yaml: unmarshal errors:\n  ${twice.join('\n  ')}${others}`;
    return err(badRequest(`${cannotBeHandled(call, named.value)}: ${why}`));
  }
  if (!decoded.ok) return err(badRequest(`${cannotBeHandled(call, named.value)}: ${decoded.error}`));
  if (call.fieldValidation === 'Warn') call.warnings.push(...twice);
  call.warnings.push(...decoded.value.warnings);
  const { apiVersion, kind } = named.value;
  return ok(call.kind.applyDefaults({ ...decoded.value.object, apiVersion, kind }));
}

/** What the decoder may take over of a stored object: it is of another type where a kind is stored as another. */
export function knownOf(call: Call, existing: JsonObject | undefined): { readonly known?: JsonObject } {
  return existing === undefined || call.kind.storage !== undefined ? {} : { known: existing };
}

/** Puts the path's namespace into an object that names none, and refuses one that names another; what has none loses it. */
export function matchNamespace(call: Call, object: JsonObject): Outcome<JsonObject> {
  const namespace = namespaceOf(object);
  if (!call.kind.namespaced)
    return ok(namespace === '' ? object : withMetadata(object, { namespace: undefined }));
  if (namespace === call.namespace) return ok(object);
  if (namespace === '') return ok(withMetadata(object, { namespace: call.namespace }));
  return err(
    badRequest('the namespace of the provided object does not match the namespace sent on the request'),
  );
}

interface TypedVersion {
  readonly apiVersion: string;
  readonly kind: string;
}

function checkKind(call: Call, object: JsonObject): Outcome<TypedVersion> {
  const { group, kind } = call.kind;
  const wantedVersion = apiVersionOf(call.kind);
  if (call.kind.custom !== undefined) return checkCustomKind(call, object);
  const filled = {
    apiVersion: stringAt(object, 'apiVersion') || wantedVersion,
    kind: stringAt(object, 'kind') || kind,
  };
  if (filled.apiVersion === wantedVersion && filled.kind === kind) return ok(filled);
  if (!isServedKind(call, filled)) {
    return err(
      badRequest(
        `${cannotBeHandled(call, filled)}: no kind ${JSON.stringify(filled.kind)} is registered for version ${JSON.stringify(filled.apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
      ),
    );
  }
  if (filled.kind === kind) {
    return err(
      badRequest(
        `the API version in the data (${filled.apiVersion}) does not match the expected API version (${wantedVersion})`,
      ),
    );
  }
  const internalPackage = group === '' ? 'core' : group.split('.', 1)[0];
  return err(
    badRequest(
      `${cannotBeHandled(call, filled)}: converting (${versionOf(filled.apiVersion)}.${filled.kind}) to (${internalPackage}.${kind}): unknown conversion`,
    ),
  );
}

/** Whether the server knows a kind in a version. */
export function isServedKind(call: Call, { apiVersion, kind }: TypedVersion): boolean {
  return call.server.scheme.kinds.some((other) => other.kind === kind && apiVersionOf(other) === apiVersion);
}

/** Objects whose fields stand in no table say themselves what they are; another kind is told of with the other problems. */
function checkCustomKind(call: Call, object: JsonObject): Outcome<TypedVersion> {
  const wantedVersion = apiVersionOf(call.kind);
  const apiVersion = stringAt(object, 'apiVersion') || wantedVersion;
  const kind = stringAt(object, 'kind');
  if (kind === '') {
    const text = typeof call.request.body === 'string' ? call.request.body : JSON.stringify(object);
    const summary = text.length > 30 ? `${text.slice(0, 30)} ...` : text;
    return err(
      badRequest(
        `the object provided is unrecognized (must be of type ${call.kind.kind}): Object 'Kind' is missing in '${text}' (${summary})`,
      ),
    );
  }
  if (apiVersion === wantedVersion) return ok({ apiVersion, kind });
  if (call.fieldValidation === 'Warn') {
    // No schema is known for it, so that no field is.
    const unknown = Object.keys(object).filter((key) => !['apiVersion', 'kind', 'metadata'].includes(key));
    call.warnings.push(...unknown.map((key) => `unknown field ${JSON.stringify(key)}`));
  }
  return err(
    badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wantedVersion})`,
    ),
  );
}

function cannotBeHandled(call: Call, found: TypedVersion): string {
  return `${found.kind} in version ${JSON.stringify(versionOf(found.apiVersion))} cannot be handled as a ${call.kind.kind}`;
}

function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}
