/** Conditions of a status as they are computed anew each time; what has not changed keeps its moment. */
import { number, structs, text } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Problem } from './configuration.ts';

/** A metav1.Condition without its moment. */
export interface Condition extends Problem {
  readonly type: string;
  readonly status: 'True' | 'False';
}

/** Conditions by type, in the order in which they were first set; a type that is set again is replaced. */
export class Conditions {
  readonly #conditions = new Map<string, Condition>();

  set(type: string, isTrue: boolean, reason: string, message: string): void {
    this.#conditions.set(type, { type, status: isTrue ? 'True' : 'False', reason, message });
  }

  get(type: string): Condition | undefined {
    return this.#conditions.get(type);
  }

  isFalse(type: string): boolean {
    return this.get(type)?.status === 'False';
  }

  get size(): number {
    return this.#conditions.size;
  }

  /** As they stand in a status. `before` are those that are there; the moment changes with the status of a condition. */
  toStatus(
    before: readonly JsonObject[],
    observedGeneration: number,
    nowTimestamp: string,
  ): readonly JsonObject[] {
    return [...this.#conditions.values()].map(({ type, status, reason, message }) => {
      const known = before.find((condition) => text(condition, 'type') === type);
      const isSame = known !== undefined && text(known, 'status') === status;
      const lastTransitionTime = isSame ? text(known, 'lastTransitionTime') : nowTimestamp;
      return { type, status, observedGeneration, lastTransitionTime, reason, message };
    });
  }
}

/** The conditions of a status. */
export function conditionsOf(status: JsonObject): readonly JsonObject[] {
  return structs(status, 'conditions');
}

/** The generation of an object. */
export function generationOf(metadata: JsonObject): number {
  return number(metadata, 'generation') ?? 0;
}

/** An error as a condition's message: a sentence. Source: envoyproxy/gateway, internal/gatewayapi/status/error.go. */
export function sentence(error: string): string {
  const first = error.slice(0, 1).toUpperCase();
  return `${first}${error.slice(1)}${error.endsWith('.') ? '' : '.'}`;
}
