/**
 * The answers to requests that cannot be granted, as metav1.Status. Source: k8s.io/apimachinery/pkg/api/errors.
 */
import type { FieldError } from '../../api/scheme.ts';
import { failure, type StatusReason, statusInvalid } from '../../api/status.ts';
import type { Status } from '../../api/types/kinds.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';

/** A refusal: the HTTP code and the Status that is the body. */
export interface Refusal {
  readonly code: number;
  readonly body: JsonObject;
}

/** What came of a step of a request. */
export type Outcome<T> = Result<T, Refusal>;

/** A kind as refusals name it: group and either plural or kind. */
export interface NamedGroup {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

type Causes = NonNullable<NonNullable<Status['details']>['causes']>;

function refusal(reason: StatusReason, message: string, details?: NonNullable<Status['details']>): Refusal {
  return toRefusal(failure(reason, message, details));
}

/** A Status as an answer. */
function toRefusal(status: Status): Refusal {
  return { code: status.code ?? 500, body: { ...status } };
}

/** `services` or `deployments.apps`: a group resource as messages name it. */
export function qualified(plural: string, group: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf(
  kind: NamedGroup,
  name: string,
  rest: NonNullable<Status['details']> = {},
): NonNullable<Status['details']> {
  return {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    ...rest,
  };
}

/** A name under which there is nothing. */
export function notFound(kind: NamedGroup, name: string): Refusal {
  return refusal(
    'NotFound',
    `${qualified(kind.plural, kind.group)} ${quote(name)} not found`,
    detailsOf(kind, name),
  );
}

/** A name that is taken. */
export function alreadyExists(kind: NamedGroup, name: string): Refusal {
  return refusal(
    'AlreadyExists',
    `${qualified(kind.plural, kind.group)} ${quote(name)} already exists`,
    detailsOf(kind, name),
  );
}

/** A generateName for which every name that was tried was taken. */
export function generateNameConflict(kind: NamedGroup, name: string): Refusal {
  return refusal(
    'AlreadyExists',
    `${qualified(kind.plural, kind.group)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`,
    detailsOf(kind, name, { retryAfterSeconds: 1 }),
  );
}

/** A write that does not fit what is stored. */
export function conflict(kind: NamedGroup, name: string, why: string): Refusal {
  return refusal(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(kind.plural, kind.group)} ${quote(name)}: ${why}`,
    detailsOf(kind, name),
  );
}

/** Somebody else wrote the object between reading and writing. */
export function modifiedConflict(kind: NamedGroup, name: string): Refusal {
  return conflict(
    kind,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** A request that a rule of the cluster stands against. */
export function forbidden(kind: NamedGroup, name: string, why: string, causes: Causes = []): Refusal {
  const named = name === '' ? '' : ` ${quote(name)}`;
  return refusal(
    'Forbidden',
    `${qualified(kind.plural, kind.group)}${named} is forbidden: ${why}`,
    detailsOf(kind, name, causes.length === 0 ? {} : { causes }),
  );
}

/** All problems of an object in one answer. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): Refusal {
  return toRefusal(statusInvalid({ group, kind }, name, errors));
}

/** A request that makes no sense. */
export function badRequest(message: string): Refusal {
  return refusal('BadRequest', message);
}

/** A list or watch from a resourceVersion that is no longer in the history. */
export function expired(message: string): Refusal {
  return refusal('Expired', message);
}

/** The next page of a list whose first page is no longer in the history; the token goes on with the list as it is now. */
export function expiredContinue(token: string): Refusal {
  const { code, body } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  return { code, body: { ...body, metadata: { continue: token } } };
}

/** A resourceVersion that is yet to come. Source: k8s.io/apiserver/pkg/storage/errors.go. */
export function tooLargeResourceVersion(wanted: string, current: number): Refusal {
  return refusal('Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** Something that the request needs is not there now. Source: as above, NewServiceUnavailable. */
export function serviceUnavailable(message: string): Refusal {
  return refusal('ServiceUnavailable', message);
}

/** A request that may be granted later. Source: apimachinery/pkg/api/errors, NewTooManyRequests. */
export function tooManyRequests(message: string, retryAfterSeconds: number, causes: Causes): Refusal {
  const after = retryAfterSeconds > 0 ? { retryAfterSeconds } : {};
  return refusal('TooManyRequests', message, { ...after, causes });
}

/** A verb that a path does not serve, in the words that the server's router is answered with by clients. */
export function methodNotAllowed(): Refusal {
  return refusal('MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** A path below a served group version that leads to nothing. */
export function noSuchResource(): Refusal {
  return refusal('NotFound', 'the server could not find the requested resource', {});
}

/** An Accept header that asks for nothing that the server has. */
export function notAcceptable(what: 'object' | 'list' | 'version'): Refusal {
  const streams = ', application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  const types = { object: bodyTypes, list: `${bodyTypes}${streams}`, version: 'application/json' }[what];
  return refusal('NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${types}`, {});
}

/** An Accept header whose media type is served, but not in the form that it asks for. */
export function unacceptableForm(): Refusal {
  return refusal('NotAcceptable', `only the following media types are accepted: ${bodyTypes}`);
}

/** A patch of a kind that there is none of, which the router refuses. */
export function unknownPatchType(): Refusal {
  return refusal('UnsupportedMediaType', '415: Unsupported Media Type', {});
}

/** A body in a form that the server does not read. */
export function unsupportedMediaType(accepted = bodyTypes): Refusal {
  return refusal(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

const bodyTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** A body over its bound. */
export function tooLarge(message: string): Refusal {
  return refusal('RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** Something that upstream calls an internal error. */
export function internalError(message: string): Refusal {
  return refusal('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An error that has no reason of its own, passed on as it is. */
export function plainError(code: number, message: string): Refusal {
  return {
    code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code },
  };
}

/** What a delete answers when the object is gone at once, and what binding and eviction answer. */
export function success(details?: JsonObject, code = 200): { code: number; body: JsonObject } {
  return {
    code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      ...(details === undefined ? { code } : { details }),
    },
  };
}

/** A string as Go prints it with %q. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Fields of an apply that others manage. */
export function applyConflict(message: string, causes: Causes): Refusal {
  return refusal('Conflict', message, { causes });
}

/** A patch that could not be applied: upstream says no more than this. */
export function rejectedRequest(): Refusal {
  return refusal('Invalid', 'the server rejected our request due to an error in our request', {});
}
