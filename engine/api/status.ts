/**
 * The metav1.Status documents of refusals, worded as k8s.io/apimachinery/pkg/api/errors words them.
 */
import type { FieldError } from './scheme.ts';
import type { Status } from './types/kinds.ts';

/** Reason and code of each refusal that has no builder of its own. */
const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  UnsupportedMediaType: 415,
  RequestEntityTooLarge: 413,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

/** Why a request was refused. */
export type StatusReason = keyof typeof codes;

/** A refusal with its reason, the code that belongs to it, and the words. */
export function failure(
  reason: StatusReason,
  message: string,
  details?: NonNullable<Status['details']>,
): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code: codes[reason],
  };
}

/** An object that broke rules: every problem, sorted by nothing but the order in which validation met them. */
export function statusInvalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): Status {
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const message = `${qualified} ${JSON.stringify(name)} is invalid${errors.length === 0 ? '' : `: ${aggregate(errors)}`}`;
  return failure('Invalid', message, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    ...(kind.kind === '' ? {} : { kind: kind.kind }),
    ...(errors.length === 0
      ? {}
      : {
          causes: errors.map(({ type, message: cause, field }) => ({ reason: type, message: cause, field })),
        }),
  });
}

/** One problem stands alone; several are listed in brackets, each text once. */
function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
