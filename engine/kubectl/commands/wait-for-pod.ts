/** What commands that make a Pod and then attach to it have in common: waiting for it, and showing what it printed. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';

/** A Pod by its name. */
export interface NamedPod {
  readonly namespace: string;
  readonly name: string;
}

/** How long an answer of the server is on its way. */
export const answerMs = 1;

/** Waits until the Pod is as wanted; without a time for as long as it takes. */
export async function waitForPod(
  invocation: Invocation,
  { namespace, name, timeoutMs }: NamedPod & { readonly timeoutMs?: number },
  isWanted: (pod: JsonObject) => boolean,
): Promise<Outcome<JsonObject>> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const present = await invocation.client.get(`${path}/${name}`);
  if (!present.ok) return present;
  if (isWanted(present.value)) return present;
  const response = await invocation.client.send({
    method: 'GET',
    path,
    query: [
      ['watch', 'true'],
      ['fieldSelector', `metadata.name=${name}`],
      ['resourceVersion', stringAt(present.value, 'metadata', 'resourceVersion')],
    ],
  });
  if (!response.ok) return response;
  if (response.value.type !== 'watch') return failure('timed out waiting for the condition');
  let found: JsonObject | undefined;
  let isGone = false;
  response.value.watch.onEvent((event) => {
    if (event.type === 'DELETED') isGone = true;
    if (isJsonObject(event.object) && isWanted(event.object)) found ??= event.object;
  });
  const outcome = await invocation.host.waitUntil(() => found !== undefined || isGone, timeoutMs);
  response.value.watch.stop();
  if (found !== undefined) return ok(found);
  if (isGone) return failure(`pods "${name}" not found`);
  if (outcome === 'interrupted') return { ok: false, error: { kind: 'exit', code: 130, text: '' } };
  return failure('timed out waiting for the condition');
}

/** Prints what a container has printed so far; of a Pod with one container that one. */
export async function showLogs(
  invocation: Invocation,
  { namespace, name, container }: NamedPod & { readonly container?: string },
): Promise<void> {
  const logs = await invocation.client.send({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
    query: container === undefined ? [] : [['container', container]],
  });
  if (logs.ok && logs.value.type === 'text') invocation.out(logs.value.body);
}
