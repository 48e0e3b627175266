/**
 * Requests of one command to one cluster: client-go's REST client as kubectl uses it. Warnings of the server go to
 * stderr, each text once.
 */
import type { ApiRequest, ApiResponse, ProxiedResponse, UserInfo } from '../../api/request.ts';
import type { Status } from '../../api/types/kinds.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { formatKlog } from '../klog.ts';
import { unreachableMessage } from './dial.ts';
import { discoverMappings } from './discovery.ts';
import { readProxied } from './proxied.ts';
import { RestMapper } from './rest-mapper.ts';

/** Where requests go and who asks. */
export interface ClusterAddress {
  /** URL of the API server, as the kubeconfig has it. */
  readonly server: string;
  readonly user?: UserInfo;
}

/** Query parameters by name. */
export type Query = readonly (readonly [name: string, value: string])[];

/** Sends the requests of one command. */
export class ClusterClient {
  readonly #host: KubectlHost;
  readonly #address: ClusterAddress;
  readonly #verbosity: number;
  readonly #seenWarnings = new Set<string>();
  #mapper: RestMapper | undefined;

  constructor(host: KubectlHost, address: ClusterAddress, verbosity: number) {
    this.#host = host;
    this.#address = address;
    this.#verbosity = verbosity;
  }

  get server(): string {
    return this.#address.server;
  }

  /** Passes a request on as it is; undefined when nobody answers. */
  pass(request: ApiRequest): ReturnType<KubectlHost['send']> {
    const user = this.#address.user;
    return this.#host.send(user === undefined ? request : { ...request, user }, this.#address.server);
  }

  /** Sends a request; a refusal is a failure of kind `status`. */
  async send(request: ApiRequest): Promise<Outcome<ApiResponse>> {
    const answered = await this.pass(request);
    const response = answered?.type === 'proxied' ? await this.#await(answered) : answered;
    if (response === undefined) return { ok: false, error: unreachable(this.#address.server, request) };
    this.#log(request, response.code);
    for (const warning of response.warnings) this.#warn(warning);
    if (response.code < 400) return ok(response);
    return { ok: false, error: { kind: 'status', status: statusOf(response, request) } };
  }

  /** Sends a request whose answer is an object. */
  async object(request: ApiRequest): Promise<Outcome<JsonObject>> {
    const response = await this.send(request);
    if (!response.ok) return response;
    if (response.value.type !== 'object')
      return failure(`the server answered ${request.path} without an object`);
    return ok(response.value.body);
  }

  get(
    path: string,
    query: Query = [],
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Outcome<JsonObject>> {
    return this.object({ method: 'GET', path, query, headers });
  }

  post(path: string, body: JsonValue, query: Query = []): Promise<Outcome<JsonObject>> {
    return this.object({
      method: 'POST',
      path,
      query,
      body,
      headers: { 'content-type': 'application/json' },
    });
  }

  put(path: string, body: JsonValue, query: Query = []): Promise<Outcome<JsonObject>> {
    return this.object({ method: 'PUT', path, query, body, headers: { 'content-type': 'application/json' } });
  }

  /** @param patchType the media type's middle: `strategic-merge-patch`, `merge-patch`, `json-patch`. */
  patch(
    path: string,
    patchType: string,
    body: JsonValue | string,
    query: Query = [],
  ): Promise<Outcome<JsonObject>> {
    const contentType =
      patchType === 'apply-patch' ? 'application/apply-patch+yaml' : `application/${patchType}+json`;
    return this.object({ method: 'PATCH', path, query, body, headers: { 'content-type': contentType } });
  }

  delete(path: string, body: JsonValue, query: Query = []): Promise<Outcome<JsonObject>> {
    return this.object({
      method: 'DELETE',
      path,
      query,
      body,
      headers: { 'content-type': 'application/json' },
    });
  }

  /** The kinds that this cluster serves, found out at the first call. */
  async mapper(): Promise<Outcome<RestMapper>> {
    if (this.#mapper !== undefined) return ok(this.#mapper);
    const found = await discoverMappings(this);
    if (!found.ok) return found;
    this.#mapper = new RestMapper(found.value);
    return ok(this.#mapper);
  }

  /** The answer of whom a request was passed on to. */
  async #await({ exchange, warnings }: ProxiedResponse): Promise<ApiResponse | undefined> {
    await this.#host.waitUntil(() => exchange.answer() !== undefined);
    const answer = exchange.answer();
    exchange.close();
    return answer === undefined ? undefined : readProxied(answer, warnings);
  }

  #warn(text: string): void {
    if (this.#seenWarnings.has(text)) return;
    this.#seenWarnings.add(text);
    this.#host.writeStderr(`Warning: ${text}\n`);
  }

  /** From verbosity 6 on each request is told, in the shape of klog's lines. */
  #log(request: ApiRequest, code: number): void {
    if (this.#verbosity < 6) return;
    const url = `${this.#address.server}${request.path}${formatQuery(request.query ?? [])}`;
    const told = `"Response" verb="${request.method}" url="${url}" status="${code}" milliseconds=0`;
    this.#host.writeStderr(formatKlog('I', this.#host.now(), 'round_trippers.go:632', told));
  }
}

function unreachable(
  server: string,
  request: ApiRequest,
): Extract<Failure, { readonly kind: 'unreachable' }> {
  // Go writes the parameters in the order of their names.
  const query = [...(request.query ?? [])].sort(([one], [other]) => compareKeys(one, other));
  const path = `${request.path}${formatQuery(query)}`;
  return {
    kind: 'unreachable',
    server,
    request: { method: request.method, path },
    message: unreachableMessage(server),
  };
}

function formatQuery(query: Query): string {
  if (query.length === 0) return '';
  return `?${query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

function statusOf(response: ApiResponse, request: ApiRequest): Status {
  if (response.type === 'object' && isStatus(response.body)) return response.body;
  const text = response.type === 'text' ? response.body.trim() : '';
  return { code: response.code, ...wordsFor(response.code, request, text), status: 'Failure' };
}

/** Source: k8s.io/apimachinery/pkg/api/errors, NewGenericServerResponse: what is said where the server gave no Status. */
function wordsFor(
  code: number,
  request: ApiRequest,
  text: string,
): { readonly reason: string; readonly message: string } {
  if (code !== 404) return { reason: 'Unknown', message: text };
  const match = /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+))?/.exec(
    request.path,
  );
  const message = 'the server could not find the requested resource';
  if (match === null) return { reason: 'NotFound', message };
  const [, group, plural = '', name] = match;
  const resource = group === undefined ? plural : `${plural}.${group}`;
  const about = name === undefined ? resource : `${resource} ${name}`;
  return { reason: 'NotFound', message: `${message} (${request.method.toLowerCase()} ${about})` };
}

function isStatus(body: unknown): body is Status {
  return isJsonObject(body) && body.kind === 'Status';
}
