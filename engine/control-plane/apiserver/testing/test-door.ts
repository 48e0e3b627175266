/** A server of its own for a test, with the parts that a test looks at. */

import { createScheme } from '../../../api/create-scheme.ts';
import type { NodeConnection } from '../../../api/node-connection.ts';
import { apiServiceObjects } from '../../../api/objects/api-service.ts';
import type { ApiRequest, ApiResponse, Transport } from '../../../api/request.ts';
import { loadSchema } from '../../../api/schema/schema.ts';
import { EventQueue, type EventQueueState, eventQueueState } from '../../../base/event-queue.ts';
import { forkState } from '../../../base/fork-state.ts';
import type { JsonObject, JsonValue } from '../../../base/json.ts';
import { defaultLimits } from '../../../base/limits.ts';
import { Random, type RandomState, randomStateFrom } from '../../../base/random.ts';
import { type ApiServerState, apiServerState, createApiServer } from '../api-server.ts';
import { createBootstrapObjects } from '../bootstrap.ts';

interface DoorState {
  readonly queue: EventQueueState;
  readonly random: RandomState;
  readonly server: ApiServerState;
}

/** A server, and shorter ways to send requests to it. */
export interface TestDoor {
  readonly transport: Transport;
  readonly queue: EventQueue;
  /** Sends a request and gives its body; fails the test when the answer is no object. */
  body(request: ApiRequest): JsonObject;
  get(path: string): JsonObject;
  post(path: string, body: JsonValue | string): JsonObject;
  put(path: string, body: JsonObject): JsonObject;
  patch(path: string, type: 'json' | 'merge' | 'strategic-merge', body: JsonValue): JsonObject;
  delete(path: string, body?: JsonObject): JsonObject;
  fork(): TestDoor;
}

/** 2026-05-01T12:00:00Z */
const startMs = 1_777_636_800_000;

/** Makes a server with its bootstrap objects. */
export function createTestDoor(nodes: ReadonlyMap<string, NodeConnection> = new Map()): TestDoor {
  const state: DoorState = {
    queue: eventQueueState(startMs),
    random: randomStateFrom('test'),
    server: apiServerState(),
  };
  const door = openDoor(state, nodes);
  createBootstrapObjects(door.transport, apiServiceObjects('172.18.0.2'));
  return door;
}

function openDoor(state: DoorState, nodes: ReadonlyMap<string, NodeConnection>): TestDoor {
  const queue = new EventQueue(state.queue, defaultLimits);
  const transport = createApiServer(
    {
      scheme: createScheme(),
      schema: loadSchema(),
      queue,
      random: new Random(state.random),
      limits: defaultLimits,
      nodeConnection: (name) => nodes.get(name),
    },
    state.server,
  );
  const body = (request: ApiRequest): JsonObject => objectOf(transport.send(request));
  return {
    transport,
    queue,
    body,
    get: (path) => body({ method: 'GET', path }),
    post: (path, object) => body({ method: 'POST', path, body: object }),
    put: (path, object) => body({ method: 'PUT', path, body: object }),
    patch: (path, type, patch) =>
      body({
        method: 'PATCH',
        path,
        headers: { 'content-type': `application/${type}-patch+json` },
        body: patch,
      }),
    delete: (path, options) =>
      body({ method: 'DELETE', path, ...(options === undefined ? {} : { body: options }) }),
    fork: () => openDoor(forkState(state), nodes),
  };
}

function objectOf(answer: ApiResponse): JsonObject {
  if (answer.type !== 'object') throw new Error(`no object: ${JSON.stringify(answer)}`);
  return answer.body;
}
