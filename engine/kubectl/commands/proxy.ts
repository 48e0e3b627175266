/**
 * `kubectl proxy`: the API without certificates and tokens, at a port of the learner's machine, until Ctrl-C.
 * Source: k8s.io/kubectl/pkg/cmd/proxy and pkg/proxy. Left out: upgrades to streams, Unix sockets, conditional requests.
 */
import { RE2JS } from 're2js';
import type {
  ApiRequest,
  ApiResponse,
  ProxiedExchange,
  TextResponse,
  WatchResponse,
} from '../../api/request.ts';
import { formatCompactJson } from '../../base/go-json.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost, LocalConnection } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { inGoOrder } from '../printers/go-order.ts';
import { stringAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';
import {
  formatAnswer,
  formatChunk,
  formatPassedAnswer,
  formatStreamHead,
  type ProxyAnswer,
  type ProxyRequest,
  RequestReader,
} from './proxy-http.ts';

export const proxyCommand: Command = {
  name: 'proxy',
  usage: '[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]',
  short: 'Run a proxy to the Kubernetes API server',
  flags: [
    {
      name: 'accept-hosts',
      type: 'string',
      initial: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$',
      usage: 'Patterns of hosts that are served.',
    },
    { name: 'accept-paths', type: 'string', initial: '^.*', usage: 'Patterns of paths that are served.' },
    { name: 'address', type: 'string', initial: '127.0.0.1', usage: 'Address to listen on.' },
    { name: 'api-prefix', type: 'string', initial: '/', usage: 'Path that the API is served under.' },
    {
      name: 'append-server-path',
      type: 'bool',
      initial: 'false',
      usage: "Puts the path of the context's server before each path.",
    },
    { name: 'disable-filter', type: 'bool', initial: 'false', usage: 'Serves everybody everything.' },
    {
      name: 'keepalive',
      type: 'duration',
      initial: '0s',
      usage: 'Keep-alive period of a connection (not used here).',
    },
    {
      name: 'port',
      short: 'p',
      type: 'int',
      initial: '8001',
      usage: 'Port to listen on; 0 for any that is free.',
    },
    { name: 'reject-methods', type: 'string', initial: '^$', usage: 'Patterns of methods that are refused.' },
    {
      name: 'reject-paths',
      type: 'string',
      initial: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach',
      usage: 'Patterns of paths that are refused, even accepted ones.',
    },
    {
      name: 'unix-socket',
      short: 'u',
      type: 'string',
      usage: 'Unix socket to listen on (not available here).',
    },
    { name: 'www', short: 'w', type: 'string', usage: 'A folder whose files are served besides.' },
    {
      name: 'www-prefix',
      short: 'P',
      type: 'string',
      initial: '/static/',
      usage: 'Path that the files are served under.',
    },
  ],
  run: runProxy,
};

/** What may pass; undefined with `--disable-filter`. */
type Filter = (request: ProxyRequest) => boolean;

/** What holds for all clients. */
interface Serving {
  readonly invocation: Invocation;
  readonly filter: Filter | undefined;
  /** Texts below the folder of `--www`, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** A client's connection with what has come over it. */
interface Client {
  readonly connection: LocalConnection;
  readonly reader: RequestReader;
  streaming: Streaming | undefined;
  /** What the server has passed on for the client, and to whom no answer came yet. */
  waiting: { readonly exchange: ProxiedExchange; readonly isHead: boolean } | undefined;
  /** Whether the server has not answered yet. */
  isBusy: boolean;
}

async function runProxy(invocation: Invocation): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const filter = readFilter(invocation);
  if (!filter.ok) return filter;
  if (flags.int('port') !== 8001 && flags.string('unix-socket') !== '')
    return failure('cannot set --unix-socket and --port at the same time');
  if (flags.string('unix-socket') !== '') return failure('there are no Unix sockets here: use --port');
  if (flags.bool('disable-filter'))
    invocation.warn(
      'proxy.go:179',
      'Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious',
    );
  if (host.listen === undefined) return failure('no port can be opened here: nobody could connect to it');
  const serving = { invocation, filter: filter.value, files: await readFolder(host, flags.string('www')) };
  const clients = new Set<Client>();
  const address = flags.string('address');
  const listener = await host.listen(address, flags.int('port'), (connection) => {
    clients.add({
      connection,
      reader: new RequestReader(),
      streaming: undefined,
      waiting: undefined,
      isBusy: false,
    });
  });
  if (!listener.ok) return failure(listener.error.replace(/^listen tcp[46] /, 'listen tcp '));
  invocation.out(`Starting to serve on ${address}:${listener.value.port}\n`);
  await host.waitUntil(() => {
    for (const client of clients) if (attend(serving, client)) clients.delete(client);
    return false;
  }, host.longestSilenceMs);
  for (const { connection, streaming, waiting } of clients) {
    streaming?.stop();
    waiting?.exchange.close();
    connection.close();
  }
  listener.value.close();
  return ok(undefined);
}

function readFilter({ flags }: Invocation): Outcome<Filter | undefined> {
  const patterns = new Map<string, readonly RE2JS[]>();
  for (const name of ['accept-paths', 'reject-paths', 'accept-hosts', 'reject-methods']) {
    const text = flags.string(name);
    try {
      patterns.set(name, text === '' ? [] : text.split(',').map((one) => RE2JS.compile(one)));
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : String(problem);
      return { ok: false, error: { kind: 'exit', code: 255, text: `Error compiling re: ${why}` } };
    }
  }
  if (flags.bool('disable-filter')) return ok(undefined);
  const fits = (name: string, text: string) =>
    (patterns.get(name) ?? []).some((one) => one.matcher(text).find());
  return ok(
    ({ method, path, headers }) =>
      !fits('reject-paths', path) &&
      !fits('reject-methods', method) &&
      fits('accept-paths', path) &&
      fits('accept-hosts', (headers.get('host') ?? '').replace(/:\d+$/, '')),
  );
}

/** Takes what came from a client; whether it is gone. */
function attend(serving: Serving, client: Client): boolean {
  const { connection, reader } = client;
  reader.add(connection.read());
  if (!client.isBusy && client.streaming === undefined) {
    const request = reader.next();
    if (request === 'malformed') {
      connection.close();
      return true;
    }
    if (request !== undefined) answer(serving, client, request);
  }
  client.streaming?.pump();
  passAnswer(serving, client);
  if (!connection.isEnded() || client.isBusy) return false;
  client.streaming?.stop();
  connection.close();
  return true;
}

/** Gives a client the answer that it waits for, once it has come. */
function passAnswer({ invocation }: Serving, client: Client): void {
  const come = client.waiting?.exchange.answer();
  if (client.waiting === undefined || come === undefined) return;
  const { isHead } = client.waiting;
  client.connection.write(formatPassedAnswer(come, invocation.host.now(), isHead));
  client.waiting = undefined;
  client.isBusy = false;
}

function answer(serving: Serving, client: Client, request: ProxyRequest): void {
  const { invocation } = serving;
  const give = (whole: ProxyAnswer) =>
    client.connection.write(formatAnswer(whole, invocation.host.now(), request.method === 'HEAD'));
  const whole = answerHere(serving, request);
  if (whole !== undefined) {
    give(whole);
    return;
  }
  const apiRequest = toApiRequest(invocation, request);
  const response = apiRequest === undefined ? undefined : invocation.client.pass(apiRequest);
  const isPretty = wantsPretty(request);
  const passOn = (come: ApiResponse | undefined) => {
    if (come?.type === 'watch' || (come?.type === 'text' && come.more !== undefined)) {
      const contentType = come.type === 'watch' ? 'application/json' : 'text/plain';
      client.connection.write(formatStreamHead(contentType, invocation.host.now()));
      client.streaming = startStream(client.connection, come);
    } else if (come?.type === 'proxied') {
      client.waiting = { exchange: come.exchange, isHead: request.method === 'HEAD' };
    } else give(come === undefined ? plain(502, '') : wholeAnswer(come, isPretty));
    client.isBusy = client.waiting !== undefined;
  };
  if (response instanceof Promise) {
    client.isBusy = true;
    void response.then(passOn);
  } else passOn(response);
}

/** What needs no server: files, other paths, and what may not pass. */
function answerHere(serving: Serving, request: ProxyRequest): ProxyAnswer | undefined {
  const file = staticFile(serving, request.path);
  if (file !== undefined) return file;
  if (toApiRequest(serving.invocation, request) === undefined) return plain(404, '404 page not found\n');
  return serving.filter?.(request) === false ? plain(403, 'Forbidden\n') : undefined;
}

/** Source: k8s.io/apiserver, negotiatedSerializer: people with curl, wget or a browser get lines. */
function wantsPretty({ query, headers }: ProxyRequest): boolean {
  const asked = query.find(([name]) => name === 'pretty')?.[1];
  if (asked !== undefined) return ['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers.get('user-agent') ?? '');
}

function wholeAnswer(response: ApiResponse, isPretty: boolean): ProxyAnswer {
  switch (response.type) {
    case 'object':
      return {
        code: response.code,
        contentType: 'application/json',
        body: `${isPretty ? JSON.stringify(inFields(response.body), null, 2) : formatCompactJson(response.body)}\n`,
      };
    case 'text':
      return plain(response.code, response.body);
    case 'session':
      response.session.close();
      return plain(400, 'Upgrade request required');
    default:
      return plain(400, 'Upgrade request required');
  }
}

/** A built-in object in the order of its fields, as the server writes it. */
function inFields(object: JsonObject): JsonObject {
  const typeName = builtInType(stringAt(object, 'apiVersion'), stringAt(object, 'kind'));
  return typeName === undefined ? object : inGoOrder(object, typeName);
}

function plain(code: number, body: string): ProxyAnswer {
  return { code, contentType: 'text/plain; charset=utf-8', body };
}

/** What goes on to one client. */
interface Streaming {
  /** Sends what has come. */
  pump(): void;
  stop(): void;
}

function startStream(connection: LocalConnection, response: WatchResponse | TextResponse): Streaming {
  if (response.type === 'watch') {
    response.watch.onEvent(({ type, object }) => {
      const shown = isJsonObject(object) ? object : {};
      connection.write(formatChunk(`${formatCompactJson({ object: shown, type })}\n`));
    });
    return { pump: () => {}, stop: () => response.watch.stop() };
  }
  const { body, more } = response;
  if (body !== '') connection.write(formatChunk(body));
  return {
    pump: () => {
      const text = more?.read() ?? '';
      if (text !== '') connection.write(formatChunk(text));
    },
    stop: () => more?.close(),
  };
}

const methods: readonly ApiRequest['method'][] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The request as the server gets it; undefined for a path that is not of the API. */
function toApiRequest({ flags }: Invocation, request: ProxyRequest): ApiRequest | undefined {
  const prefix = flags.string('api-prefix').replace(/\/?$/, '/');
  if (!request.path.startsWith(prefix)) return undefined;
  const path = prefix.startsWith('/api') ? request.path : `/${request.path.slice(prefix.length)}`;
  const method = methods.find((one) => one === request.method) ?? 'GET';
  const wanted = ['accept', 'content-type'].flatMap((name) => {
    const value = request.headers.get(name);
    return value === undefined || value === '*/*' ? [] : [[name, value] as const];
  });
  return {
    method,
    path,
    query: request.query,
    headers: Object.fromEntries(wanted),
    ...(request.body === '' ? {} : { body: request.body }),
  };
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['json', 'application/json'],
]);

/** What `--www` serves at a path; undefined for paths of the API. */
function staticFile({ invocation, files }: Serving, path: string): ProxyAnswer | undefined {
  const { flags } = invocation;
  const prefix = flags.string('www-prefix').replace(/\/?$/, '/');
  if (flags.string('www') === '' || !path.startsWith(prefix)) return undefined;
  const inside = path.slice(prefix.length);
  const name = inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside;
  const text = files.get(name);
  if (text === undefined) return plain(404, '404 page not found\n');
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return { code: 200, contentType: contentTypes.get(extension) ?? 'text/plain; charset=utf-8', body: text };
}

/** All texts below a folder by path, as they are when the proxy starts. */
async function readFolder(
  host: KubectlHost,
  folder: string,
  inside = '',
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  if (folder === '') return files;
  for (const name of (await host.listFolder(`${folder}/${inside}`)) ?? []) {
    const path = `${inside}${name}`;
    if (name.endsWith('/')) {
      for (const [below, text] of await readFolder(host, folder, path)) files.set(below, text);
      continue;
    }
    const text = await host.readFile(`${folder}/${path}`);
    if (text !== undefined) files.set(path, text);
  }
  return files;
}
