/** Where scripts are run: in a cluster under test whose kubelets are stopped, or on a real control plane. */
import type { ApiResponse } from '../../api/request.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createTestWorld } from '../world.ts';
import type { Door } from './scenario.ts';

/** A new cluster of ours. */
export function openOwnDoor(): Door {
  const world = createTestWorld();
  for (const kubelet of world.kubelets.values()) kubelet.cri({ call: 'unit', action: 'stop' });
  const user = { name: 'admin', groups: ['system:masters'] };
  return {
    async send(method, path, body, contentType = 'application/json') {
      const headers = { 'content-type': contentType };
      return bodyOf(
        world.transport.send({ method, path, headers, user, ...(body === undefined ? {} : { body }) }),
      );
    },
    async rest() {
      world.settle();
      // What is made in the next step is younger.
      world.advance(1);
      world.settle();
    },
    async advance(seconds) {
      world.advance(seconds);
    },
    now: () => timestamp(world.queue.now()),
  };
}

function bodyOf(response: ApiResponse): JsonObject {
  return response.type === 'object' ? response.body : {};
}

/** How long nothing may have changed on a real control plane before it counts as at rest. */
const quietMs = 2_500;

/** A real control plane at the address of a `kubectl proxy`; its nodes are made as ours. */
export async function openRealDoor(url: string): Promise<Door> {
  const door: Door = {
    async send(method, path, body, contentType = 'application/json') {
      const options = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { 'content-type': contentType };
      const answer: unknown = await (await fetch(`${url}${path}`, { method, headers, ...options })).json();
      return isJsonObject(answer) ? answer : {};
    },
    async rest(look) {
      let seen = '';
      let since = Date.now();
      while (Date.now() - since < quietMs) {
        await pass(0.5);
        const now = await look();
        if (now !== seen) since = Date.now();
        seen = now;
      }
    },
    advance: pass,
    now: () => timestamp(Date.now()),
  };
  const { items } = await openOwnDoor().send('GET', '/api/v1/nodes');
  for (const node of Array.isArray(items) ? items : []) {
    if (!isJsonObject(node) || !isJsonObject(node.metadata)) continue;
    const { name = '', labels = {} } = node.metadata;
    const { spec = {}, status = {} } = node;
    await door.send('POST', '/api/v1/nodes', { metadata: { name, labels }, spec, status });
  }
  return door;
}

function pass(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
