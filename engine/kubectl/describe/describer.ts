/** What describes an object of one kind. */
import type { JsonObject } from '../../base/json.ts';
import type { Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

/** An object to be described. */
export interface DescribeTarget {
  readonly invocation: Invocation;
  /** As the server holds it. */
  readonly object: JsonObject;
  readonly showEvents: boolean;
}

/** Gives the whole text about an object, reading what else belongs to it. */
export type Describer = (target: DescribeTarget) => Promise<Outcome<string>>;
