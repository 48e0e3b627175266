/**
 * Outcomes that can happen in a correct program are values, never exceptions.
 */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** Wraps a value as a successful {@link Result}. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps an error value as a failed {@link Result}. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** A broken assumption of ours: always a bug in kubedrill, never a learner's fault. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * States what must hold whenever the program is correct.
 *
 * @throws InvariantError when it does not hold.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/**
 * Closes a switch over a union: the compiler refuses a member that was forgotten.
 *
 * @throws InvariantError when reached at run time.
 */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected member of a union: ${JSON.stringify(value)}`);
}
