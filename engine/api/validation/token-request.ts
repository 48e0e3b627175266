/** The rules of TokenRequests. Source: pkg/apis/authentication/validation/validation.go. */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { number, struct } from '../read.ts';
import type { FieldError } from '../scheme.ts';

const leastSeconds = 10 * 60;
const mostSeconds = 2 ** 32;

/** The problems of a request for a token. */
export function validateTokenRequest(request: JsonObject): readonly FieldError[] {
  const seconds = number(struct(request, 'spec'), 'expirationSeconds') ?? 0;
  const field = 'spec.expirationSeconds';
  if (seconds < leastSeconds) {
    return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
  }
  return seconds > mostSeconds
    ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : [];
}
