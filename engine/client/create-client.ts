/**
 * The client of controllers and node components: client-go's typed clients over the one door.
 */
import type { ApiRequest, ApiResponse, Transport, UserInfo } from '../api/request.ts';
import type { Status } from '../api/types/kinds.ts';
import type { Resource } from '../api/types/resources.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { err, invariant, ok } from '../base/result.ts';
import type { Answer, Client, DeleteOptions } from './client.ts';

/** Makes a client that acts as `user`; the user agent names the component in managedFields. */
export function createClient(transport: Transport, user: UserInfo, userAgent: string): Client {
  const headers = { accept: 'application/json', 'user-agent': userAgent };
  const send = (request: Omit<ApiRequest, 'user'>): ApiResponse =>
    transport.send({ ...request, user, headers: { ...headers, ...request.headers } });
  return {
    get(resource, namespace, name) {
      return answerOf(resource, send({ method: 'GET', path: pathOf(resource, namespace, name) }));
    },
    list(resource, namespace = '') {
      return listOf(resource, send({ method: 'GET', path: pathOf(resource, namespace) }));
    },
    create(resource, namespace, object) {
      return answerOf(resource, send({ method: 'POST', path: pathOf(resource, namespace), body: object }));
    },
    update(resource, object) {
      return answerOf(resource, send({ method: 'PUT', path: pathOfObject(resource, object), body: object }));
    },
    updateStatus(resource, object) {
      const path = `${pathOfObject(resource, object)}/status`;
      return answerOf(resource, send({ method: 'PUT', path, body: object }));
    },
    updateSubresource(resource, object, subresource) {
      const path = `${pathOfObject(resource, object)}/${subresource}`;
      return answerOf(resource, send({ method: 'PUT', path, body: object }));
    },
    mergePatch(resource, namespace, name, patch, subresource = '') {
      const object = pathOf(resource, namespace, name);
      return answerOf(
        resource,
        send({
          method: 'PATCH',
          path: subresource === '' ? object : `${object}/${subresource}`,
          headers: { 'content-type': 'application/merge-patch+json' },
          body: patch,
        }),
      );
    },
    delete(resource, namespace, name, options = {}) {
      const path = pathOf(resource, namespace, name);
      return jsonAnswer(send({ method: 'DELETE', path, body: deleteBody(options) }));
    },
    createSubresource(resource, namespace, name, subresource, object) {
      const path = `${pathOf(resource, namespace, name)}/${subresource}`;
      return jsonAnswer(send({ method: 'POST', path, body: object }));
    },
  };
}

/** The path of a collection, or of one object in it. */
export function pathOf<T>(resource: Resource<T>, namespace = '', name = ''): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const scope = resource.namespaced && namespace !== '' ? `/namespaces/${namespace}` : '';
  const collection = `${root}/${resource.version}${scope}/${resource.plural}`;
  return name === '' ? collection : `${collection}/${name}`;
}

/**
 * Whether JSON from the door is an object of a resource: its kind and apiVersion say so, and the server has checked the
 * rest.
 */
export function isOfResource<T>(resource: Resource<T>, value: unknown): value is T & JsonObject {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return isJsonObject(value) && value.kind === resource.kind && value.apiVersion === apiVersion;
}

function pathOfObject<T>(resource: Resource<T>, object: JsonObject): string {
  const { metadata } = object;
  invariant(isJsonObject(metadata), 'an update names its object');
  const { name, namespace } = metadata;
  invariant(typeof name === 'string', 'an update names its object');
  return pathOf(resource, typeof namespace === 'string' ? namespace : '', name);
}

function jsonAnswer(response: ApiResponse): Answer<JsonObject> {
  if (response.type !== 'object') return err(unexpectedAnswer(response));
  return response.code < 300 ? ok(response.body) : err(statusOf(response.body));
}

function answerOf<T>(resource: Resource<T>, response: ApiResponse): Answer<T> {
  const answer = jsonAnswer(response);
  if (!answer.ok) return answer;
  invariant(isOfResource(resource, answer.value), `the server answered with no ${resource.kind}`);
  return ok(answer.value);
}

function listOf<T>(resource: Resource<T>, response: ApiResponse): readonly T[] {
  const answer = jsonAnswer(response);
  if (!answer.ok || !Array.isArray(answer.value.items)) return [];
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const objects: T[] = [];
  for (const item of answer.value.items) {
    const object = Object.freeze({ apiVersion, kind: resource.kind, ...(isJsonObject(item) ? item : {}) });
    if (isOfResource(resource, object)) objects.push(object);
  }
  return objects;
}

/** A refusal that is a plain text, as the answer to a path that nobody serves. Source: NewGenericServerResponse. */
function unexpectedAnswer(response: ApiResponse): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server could not find the requested resource',
    reason: 'NotFound',
    details: {},
    code: response.code,
  };
}

function statusOf(body: JsonObject): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: String(body.message ?? ''),
    reason: String(body.reason ?? ''),
    ...(isJsonObject(body.details) ? { details: body.details } : {}),
    code: typeof body.code === 'number' ? body.code : 500,
  };
}

function deleteBody(options: DeleteOptions): JsonObject {
  const { gracePeriodSeconds, propagationPolicy, uid } = options;
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  };
}
