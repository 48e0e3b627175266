/** How functions of CEL are listed. */
import type { CelValue } from './values.ts';

/** What a function does with its arguments, the receiver first. @throws CelError when it cannot. */
export type CelImplementation = (...args: readonly CelValue[]) => CelValue;

/** A function as it is listed: `string.contains(string): bool`. */
export type FunctionTable = Readonly<Record<string, CelImplementation>>;
