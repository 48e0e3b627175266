/**
 * Making {@link Result} values. The engine has the same two; importing them from there would load all of it before a
 * command knows whether it needs a cluster.
 */
export type { Result } from '../engine/index.ts';

/** Wraps a value as a success. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Wraps an error value as a failure. */
export function err<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
