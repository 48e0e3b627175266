/** Waiting until objects are gone, for `kubectl delete` and `kubectl wait --for=delete`. */
import { ok } from '../../base/result.ts';
import { type Failure, failure, isNotFound, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { qualifiedResource, resourcePath } from '../rest/rest-mapper.ts';

/** An object on its way out; another of the same name but another uid isn't it. */
export interface Leaving {
  readonly info: ResourceInfo;
  /** Empty when unknown. */
  readonly uid: string;
}

/**
 * Waits until every object is gone.
 *
 * @param timeoutMs 0 for as long as it takes.
 */
export async function waitUntilDeleted(
  invocation: Invocation,
  leaving: readonly Leaving[],
  timeoutMs: number,
): Promise<Outcome<void>> {
  const failures: Failure[] = [];
  for (const one of leaving) {
    const gone = await waitForOne(invocation, one, timeoutMs);
    if (!gone.ok) failures.push(gone.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

async function waitForOne(
  invocation: Invocation,
  { info, uid }: Leaving,
  timeoutMs: number,
): Promise<Outcome<void>> {
  const { client, host } = invocation;
  const path = resourcePath(info.mapping, info.namespace, info.name);
  const present = await client.get(path);
  if (!present.ok) return isNotFound(present.error) ? ok(undefined) : present;
  if (uid !== '' && stringAt(present.value, 'metadata', 'uid') !== uid) return ok(undefined);
  const response = await client.send({
    method: 'GET',
    path: resourcePath(info.mapping, info.namespace),
    query: [
      ['watch', 'true'],
      ['resourceVersion', stringAt(present.value, 'metadata', 'resourceVersion')],
      ['fieldSelector', `metadata.name=${info.name}`],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return ok(undefined);
  const { watch } = response.value;
  let isGone = false;
  watch.onEvent((event) => {
    if (event.type === 'DELETED') isGone = true;
  });
  const outcome = await host.waitUntil(() => isGone, timeoutMs === 0 ? undefined : timeoutMs);
  watch.stop();
  if (outcome === 'done') return ok(undefined);
  if (outcome === 'interrupted') return { ok: false, error: { kind: 'exit', code: 130, text: '' } };
  // Without a time of its own the real kubectl waits for a week; nobody does so here.
  if (timeoutMs === 0) {
    return failure(
      `${qualifiedResource(info.mapping)}/${info.name} is not going away: nothing in the cluster works on its deletion any more (look at its finalizers)`,
    );
  }
  return failure(`timed out waiting for the condition on ${info.mapping.plural}/${info.name}`);
}
