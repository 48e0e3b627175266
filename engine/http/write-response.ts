/** From an answer of the one door to an HTTP response: an object at once, a watch or a followed log as a stream. */
import { randomInt, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { ApiRequest, ApiResponse, TextStream, Watch, WatchEvent } from '../api/request.ts';
import type { Status } from '../api/types/kinds.ts';
import type { JsonObject } from '../base/json.ts';
import { sendBookmarks } from './bookmarks.ts';
import type { ServedClock } from './clock.ts';
import { acceptsOpenApiProtobuf, encodeOpenApiV2, openApiProtobufType } from './openapi-protobuf.ts';
import { maxUnreadBytes } from './unread.ts';

/** Writes a door's answer. */
export function writeResponse(
  response: ServerResponse,
  request: ApiRequest,
  answer: Exclude<ApiResponse, { readonly type: 'session' | 'port-forward' | 'proxied' }>,
  clock: ServedClock,
): void {
  setCommonHeaders(response, answer.warnings);
  response.statusCode = answer.code;
  switch (answer.type) {
    case 'object':
      writeObject(response, request, answer.body);
      break;
    case 'text':
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.setHeader('X-Content-Type-Options', 'nosniff');
      if (answer.more === undefined) endWithText(response, answer.body);
      else streamText(response, answer.body, answer.more, clock);
      break;
    case 'watch':
      streamWatch(response, request, answer.watch, clock);
      break;
  }
}

/** Writes a refusal that never reached the door. */
export function writeStatus(response: ServerResponse, status: Status): void {
  setCommonHeaders(response, []);
  response.statusCode = status.code ?? 500;
  response.setHeader('Content-Type', 'application/json');
  endWithText(response, `${JSON.stringify(status)}\n`);
}

/** As bytes: a text would go out together with the headers, in an encoding that is not theirs. */
function endWithText(response: ServerResponse, text: string): void {
  response.end(Buffer.from(text, 'utf8'));
}

function setCommonHeaders(response: ServerResponse, warnings: readonly string[]): void {
  response.setHeader('Audit-Id', randomUUID());
  response.setHeader('Cache-Control', 'no-cache, private');
  if (warnings.length > 0) response.setHeader('Warning', warnings.map(formatWarning));
}

/** Source: RFC 7234, 5.5, and k8s.io/apimachinery/pkg/util/net, NewWarningHeader: UTF-8 as it is, quotes escaped. */
function formatWarning(text: string): string {
  const quoted = text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ');
  return Buffer.from(`299 - "${quoted}"`, 'utf8').toString('latin1');
}

/** As Go writes a map: keys in order, lists at the depth of their key. */
const yamlForm = {
  aliasDuplicateObjects: false,
  indentSeq: false,
  sortMapEntries: true,
  version: '1.1',
} as const;

function writeObject(response: ServerResponse, request: ApiRequest, body: JsonObject): void {
  const retryAfter = retryAfterSeconds(body);
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  if (wantsYaml(request)) {
    response.setHeader('Content-Type', 'application/yaml');
    endWithText(response, stringify(body, yamlForm));
    return;
  }
  if (request.path === '/openapi/v2' && acceptsOpenApiProtobuf(request.headers?.accept ?? '')) {
    response.setHeader('Content-Type', openApiProtobufType);
    response.end(encodeOpenApiV2(body));
    return;
  }
  response.setHeader('Content-Type', contentType(body));
  endWithText(response, `${JSON.stringify(body)}\n`);
}

/** The aggregated discovery names its form, which clients look for. */
function contentType(body: JsonObject): string {
  if (body.kind !== 'APIGroupDiscoveryList') return 'application/json';
  return 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
}

function wantsYaml(request: ApiRequest): boolean {
  const first = (request.headers?.accept ?? '').split(',', 1)[0] ?? '';
  return first.split(';', 1)[0]?.trim() === 'application/yaml';
}

function retryAfterSeconds(body: JsonObject): number | undefined {
  if (body.kind !== 'Status') return undefined;
  const { details } = body;
  if (typeof details !== 'object' || details === null || !('retryAfterSeconds' in details)) return undefined;
  return typeof details.retryAfterSeconds === 'number' ? details.retryAfterSeconds : undefined;
}

/** One JSON document a line, as events come. */
function streamWatch(response: ServerResponse, request: ApiRequest, watch: Watch, clock: ServedClock): void {
  response.setHeader('Content-Type', 'application/json');
  response.flushHeaders();
  const end = (): void => {
    watch.stop();
    flush();
    response.end();
  };
  const asked = Number(parameter(request, 'timeoutSeconds'));
  const lengthMs = asked > 0 ? asked * 1000 : longestWatchMs();
  const takeBack = clock.after(lengthMs, end);
  const allowsBookmarks = parameter(request, 'allowWatchBookmarks') === 'true';
  const stopBookmarks = allowsBookmarks
    ? sendBookmarks(clock, lengthMs, () => send(watch.bookmark()))
    : () => {};
  let pending = '';
  const flush = (): void => {
    const text = pending;
    pending = '';
    if (text === '' || response.writableEnded) return;
    response.write(text);
    if (response.writableLength > maxUnreadBytes) response.destroy();
  };
  const send = (event: WatchEvent): void => {
    // What happens in one go travels in one piece.
    if (pending === '') process.nextTick(flush);
    pending += eventLine(event);
    if (event.type !== 'ERROR') return;
    // A watch that could not begin has said all it has to say.
    flush();
    end();
  };
  response.on('close', () => {
    watch.stop();
    stopBookmarks();
    takeBack();
  });
  watch.onEvent(send);
}

/** Objects that were written already, as text: many watchers are told of the same one, and none of them changes it. */
const objectTexts = new WeakMap<object, string>();

function eventLine({ type, object }: WatchEvent): string {
  const known = objectTexts.get(object);
  const text = known ?? JSON.stringify(object);
  if (known === undefined && Object.isFrozen(object)) objectTexts.set(object, text);
  return `{"type":${JSON.stringify(type)},"object":${text}}\n`;
}

/** Source: kube-apiserver's --min-request-timeout of 1800 seconds, once to twice as long by chance. */
function longestWatchMs(): number {
  return (1_800 + randomInt(1_800)) * 1000;
}

function parameter(request: ApiRequest, name: string): string {
  return request.query?.find(([key]) => key === name)?.[1] ?? '';
}

function streamText(response: ServerResponse, begun: string, more: TextStream, clock: ServedClock): void {
  response.flushHeaders();
  if (begun !== '') response.write(begun);
  const pass = (): void => {
    const text = more.read();
    if (text !== '') response.write(text);
    if (more.isEnded()) response.end();
    else if (response.writableLength > maxUnreadBytes) response.destroy();
  };
  const stopListening = clock.onChange(pass);
  response.on('close', () => {
    stopListening();
    more.close();
  });
  pass();
}
