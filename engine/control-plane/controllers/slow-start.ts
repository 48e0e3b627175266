/**
 * Creating many things without flooding the API server when all would fail alike: batches of 1, 2, 4, … and an end at
 * the first batch with a failure. Source: pkg/controller/replicaset/replica_set.go, slowStartBatch.
 */
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';

/** Calls `create` up to `count` times; the first failure, or how many succeeded. */
export function slowStart<E>(count: number, create: () => Result<unknown, E>): Result<number, E> {
  let remaining = count;
  let succeeded = 0;
  for (let batch = Math.min(remaining, 1); batch > 0; batch = Math.min(2 * batch, remaining)) {
    let failure: Result<never, E> | undefined;
    for (let index = 0; index < batch; index += 1) {
      const outcome = create();
      if (outcome.ok) succeeded += 1;
      else failure ??= outcome;
    }
    if (failure !== undefined) return failure;
    remaining -= batch;
  }
  return ok(succeeded);
}
