/** One transfer of curl: resolve, connect, send, read, and follow where it is told to. */
import { err, ok, type Result } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import type { SocketAddress } from '../../net/process/syscalls.ts';
import type { ParsedArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { type ReadFailure, ReceiveBuffer, type ReceivedResponse, readResponse } from '../http/exchange.ts';
import { formatHead, header } from '../http/message.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';
import { addCookie, type Cookie, cookiesFor } from './curl-cookies.ts';
import type { CurlFailure } from './curl-failure.ts';
import { openCurlTls } from './curl-tls.ts';
import { type ParsedUrl, parseUrl, resolveLocation } from './url.ts';

/** What came of a transfer. Times are milliseconds since its beginning. */
export interface Transfer {
  readonly url: string;
  readonly effectiveUrl: string;
  readonly method: string;
  readonly response?: ReceivedResponse;
  /** Heads of the responses that led elsewhere. */
  readonly earlierHeads: readonly string[];
  readonly failure?: CurlFailure;
  readonly remote?: SocketAddress;
  readonly local?: SocketAddress;
  /** What OpenSSL made of the certificates: 0 when nothing was wrong. */
  readonly verifyResult?: number;
  /** The cookies that are known afterwards. */
  readonly cookies: readonly Cookie[];
  readonly times: { readonly resolvedMs: number; readonly connectedMs: number; readonly endedMs: number };
}

interface Step {
  readonly response?: ReceivedResponse;
  readonly failure?: CurlFailure;
  readonly remote?: SocketAddress;
  readonly local?: SocketAddress;
  readonly verifyResult?: number;
  readonly resolvedMs: number;
  readonly connectedMs: number;
}

interface Deadlines {
  readonly startedMs: number;
  /** `-m` */
  readonly maxMs: number | undefined;
  /** `--connect-timeout` */
  readonly connectMs: number | undefined;
}

/** Whether to print data lines under `-v`, and who the client says it is. */
interface Presentation {
  readonly version: string;
  readonly showsData: boolean;
  /** Cookies that are known at the beginning. */
  readonly cookies: readonly Cookie[];
}

/** curl gives a handshake this long. Source: curl(1), --connect-timeout. */
const defaultConnectMs = 300_000;

/** Runs a transfer to its end; nothing but `-v` lines is printed. */
export function* transfer(url: string, args: ParsedArguments, look: Presentation): sys.Sys<Transfer> {
  const startedMs = yield* sys.now();
  const deadlines: Deadlines = {
    startedMs,
    maxMs: millis(args.value('max-time')),
    connectMs: millis(args.value('connect-timeout')),
  };
  const maxRedirects = Number(args.value('max-redirs') ?? 50);
  const earlierHeads: string[] = [];
  let effectiveUrl = url;
  let method = methodOf(args);
  let { cookies } = look;
  for (;;) {
    const parsed = checkUrl(effectiveUrl);
    if (!parsed.ok) {
      const times = { resolvedMs: 0, connectedMs: 0, endedMs: 0 };
      return { url, effectiveUrl, method, earlierHeads, failure: parsed.error, cookies, times };
    }
    const step = yield* runStep(parsed.value, method, args, deadlines, { ...look, cookies });
    for (const [name, value] of step.response?.headers ?? []) {
      if (name.toLowerCase() === 'set-cookie') cookies = addCookie(cookies, value, parsed.value);
    }
    const endedMs = (yield* sys.now()) - startedMs;
    const { resolvedMs, connectedMs, ...rest } = step;
    const outcome: Transfer = {
      url,
      effectiveUrl: effectiveUrl.includes('://')
        ? effectiveUrl
        : `http://${effectiveUrl}${effectiveUrl.includes('/') ? '' : '/'}`,
      method,
      earlierHeads,
      cookies,
      ...rest,
      times: { resolvedMs, connectedMs, endedMs },
    };
    const location = header(step.response?.headers ?? [], 'location');
    const status = step.response?.status ?? 0;
    if (!args.flags.has('location') || location === undefined || status < 300 || status > 399) {
      return withStatusFailure(outcome, args);
    }
    if (earlierHeads.length >= maxRedirects) {
      return { ...outcome, failure: { code: 47, message: `Maximum (${maxRedirects}) redirects followed` } };
    }
    earlierHeads.push(step.response?.head ?? '');
    if (status <= 303 && method === 'POST') method = 'GET';
    effectiveUrl = resolveLocation(parsed.value, location);
  }
}

function checkUrl(text: string): Result<ParsedUrl, CurlFailure> {
  const url = parseUrl(text);
  if (url === undefined) {
    const problem =
      /^[a-z]+:\/\/$/i.test(text) || text === ''
        ? 'No host part in the URL'
        : 'Malformed input to a URL function';
    return err({ code: 3, message: `URL rejected: ${problem}` });
  }
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    return err({ code: 1, message: `Protocol "${url.scheme}" not supported` });
  }
  return ok(url);
}

function withStatusFailure(outcome: Transfer, args: ParsedArguments): Transfer {
  const status = outcome.response?.status ?? 0;
  const fails = args.flags.has('fail') || args.flags.has('fail-with-body');
  if (!fails || status < 400 || outcome.failure !== undefined) return outcome;
  return { ...outcome, failure: { code: 22, message: `The requested URL returned error: ${status}` } };
}

function* runStep(
  url: ParsedUrl,
  method: string,
  args: ParsedArguments,
  deadlines: Deadlines,
  look: Presentation,
): sys.Sys<Step> {
  const note = function* (text: string): sys.Sys<void> {
    if (args.flags.has('verbose')) yield* sys.printError(text);
  };
  const elapsed = function* (): sys.Sys<number> {
    return (yield* sys.now()) - deadlines.startedMs;
  };
  const place = connectedPlace(args, url);
  const pinned = pinnedAddress(args, place);
  const resolved =
    pinned === undefined ? yield* resolveName(place.host) : ok({ addresses: [pinned], source: 'dns' });
  const resolvedMs = yield* elapsed();
  const failedStep = (failure: CurlFailure): Step => ({ failure, resolvedMs, connectedMs: 0 });
  const lookupLimit = Math.min(deadlines.maxMs ?? Infinity, deadlines.connectMs ?? Infinity);
  if (!resolved.ok) {
    if (resolvedMs >= lookupLimit)
      return failedStep({ code: 28, message: `Resolving timed out after ${lookupLimit} milliseconds` });
    yield* note(`* Could not resolve host: ${place.host}\n* shutting down connection #0\n`);
    return failedStep({ code: 6, message: `Could not resolve host: ${place.host}` });
  }
  const { addresses } = resolved.value;
  if (resolved.value.source !== 'literal') {
    yield* note(
      `* Host ${place.host}:${place.port} was resolved.\n* IPv6: (none)\n* IPv4: ${addresses.join(', ')}\n`,
    );
  }
  const connected = yield* connectAny(place, addresses, args, deadlines, note);
  if (!connected.ok) return { failure: connected.error, resolvedMs, connectedMs: 0 };
  const connectedMs = yield* elapsed();
  const socket = connected.value;
  const name = yield* sys.socketName(socket);
  const ends: { readonly local?: SocketAddress; readonly remote?: SocketAddress } = name.ok
    ? { local: name.value.local, ...(name.value.peer === undefined ? {} : { remote: name.value.peer }) }
    : {};
  const deadlineMs = deadlines.maxMs === undefined ? undefined : deadlines.startedMs + deadlines.maxMs;
  let stream: ByteStream = socketStream(socket);
  let verified: { readonly verifyResult?: number } = {};
  if (url.scheme === 'https') {
    const session = yield* openCurlTls(socket, url, args, deadlineMs, note);
    if (!session.ok) {
      yield* sys.close(socket);
      return { resolvedMs, connectedMs, ...ends, failure: session.error };
    }
    stream = session.value.stream;
    verified = { verifyResult: session.value.verifyResult };
  }
  yield* note(
    `* Established connection to ${url.host} (${ends.remote?.address ?? ''} port ${url.port}) from ${ends.local?.address ?? ''} port ${ends.local?.port ?? 0} \n* using HTTP/1.x\n`,
  );
  const request = formatRequest(url, method, args, look);
  if (args.flags.has('verbose')) {
    yield* note(
      request.head
        .replace(/\r\n$/, '')
        .split('\r\n')
        .map((line) => `> ${line}\r\n`)
        .join(''),
    );
  }
  const { bytes } = request;
  yield* stream.send(bytes);
  if (look.showsData && bytes.length > request.head.length)
    yield* note(`} [${bytes.length - request.head.length} bytes data]\n`);
  if (args.flags.has('verbose')) yield* note('* Request completely sent off\n');
  const buffer = new ReceiveBuffer(stream);
  buffer.deadlineMs = deadlineMs;
  const response = yield* readResponse(buffer, method);
  yield* sys.close(socket);
  const times = { resolvedMs, connectedMs, ...ends, ...verified };
  if (!response.ok) return { ...times, failure: readFailure(response.error, yield* elapsed(), buffer.total) };
  if (args.flags.has('verbose')) {
    yield* note(
      response.value.head
        .replace(/\r\n$/, '')
        .split('\r\n')
        .map((line) => `< ${line}\r\n`)
        .join(''),
    );
    if (look.showsData && response.value.body.length > 0)
      yield* note(`{ [${response.value.body.length} bytes data]\n`);
    yield* note(
      response.value.keepAlive
        ? `* Connection #0 to host ${url.host}:${url.port} left intact\n`
        : '* shutting down connection #0\n',
    );
  }
  const { missingBytes } = response.value;
  if (missingBytes > 0) {
    const failure = { code: 18, message: `end of response with ${missingBytes} bytes missing` };
    return { ...times, response: response.value, failure };
  }
  return { ...times, response: response.value };
}

function* connectAny(
  url: ParsedUrl,
  addresses: readonly string[],
  args: ParsedArguments,
  deadlines: Deadlines,
  note: (text: string) => sys.Sys<void>,
): sys.Sys<Result<number, CurlFailure>> {
  let last: Errno = 'ECONNREFUSED';
  for (const address of addresses) {
    const spentMs = (yield* sys.now()) - deadlines.startedMs;
    const limitMs = Math.min(deadlines.maxMs ?? Infinity, deadlines.connectMs ?? defaultConnectMs);
    if (spentMs >= limitMs) break;
    yield* note(`*   Trying ${address}:${url.port}...\n`);
    const sourceAddress = args.value('interface');
    const socket = yield* sys.connect(address, url.port, {
      timeoutMs: limitMs - spentMs,
      ...(sourceAddress === undefined ? {} : { sourceAddress }),
    });
    if (socket.ok) return socket;
    last = socket.error;
    const tookMs = (yield* sys.now()) - deadlines.startedMs;
    if (last === 'ETIMEDOUT' && tookMs >= (deadlines.maxMs ?? Infinity)) {
      const message = `Connection timed out after ${tookMs} milliseconds`;
      yield* note(`* ${message}\n* closing connection #0\n`);
      return err({ code: 28, message });
    }
    if (last === 'ETIMEDOUT' && tookMs >= limitMs) {
      const message = `Failed to connect to ${url.host} port ${url.port} after ${tookMs} ms: Timeout was reached`;
      yield* note(`* ${message}\n* closing connection #0\n`);
      return err({ code: 28, message });
    }
    yield* note(`* connect to ${address} port ${url.port} from 0.0.0.0 port 0 failed: ${errnoText(last)}\n`);
  }
  const tookMs = (yield* sys.now()) - deadlines.startedMs;
  const message = `Failed to connect to ${url.host} port ${url.port} after ${tookMs} ms: Could not connect to server`;
  yield* note(`* ${message}\n* closing connection #0\n`);
  return err({ code: last === 'ETIMEDOUT' ? 28 : 7, message });
}

function formatRequest(
  url: ParsedUrl,
  method: string,
  args: ParsedArguments,
  { version, cookies }: Presentation,
): { readonly head: string; readonly bytes: Uint8Array } {
  const data = requestBody(args);
  const inQuery = args.flags.has('get') && data !== undefined;
  const target = inQuery ? `${url.target}${url.target.includes('?') ? '&' : '?'}${data}` : url.target;
  const body = data === undefined || inQuery ? undefined : sys.toBytes(data);
  const custom = (args.values.get('header') ?? []).map((line) => {
    const colon = line.indexOf(':');
    return colon < 0
      ? ([line.replace(/;$/, ''), ''] as const)
      : ([line.slice(0, colon), line.slice(colon + 1).trim()] as const);
  });
  const user = args.value('user') ?? url.userinfo;
  const isJson = args.value('json') !== undefined;
  const typed = (args.values.get('cookie') ?? []).filter((text) => text.includes('='));
  const cookie = [cookiesFor(cookies, url), ...typed].filter((text) => text !== '').join('; ');
  const standard: (readonly [string, string])[] = [
    ['Host', `${url.host}${url.explicitPort ? `:${url.port}` : ''}`],
    ...(user === undefined ? [] : [['Authorization', `Basic ${btoa(user)}`] as const]),
    ['User-Agent', args.value('user-agent') ?? `curl/${version}`],
    ['Accept', isJson ? 'application/json' : '*/*'],
    ...(args.value('referer') === undefined ? [] : [['Referer', args.value('referer') ?? ''] as const]),
    ...(cookie === '' ? [] : [['Cookie', cookie] as const]),
  ];
  const kept = standard.map(([name, value]) => [name, header(custom, name) ?? value] as const);
  const fields: (readonly [string, string])[] = kept.filter(([name]) => header(custom, name) !== '');
  for (const [name, value] of custom) {
    if (header(standard, name) === undefined && value !== '') fields.push([name, value]);
  }
  if (body !== undefined) {
    fields.push(['Content-Length', String(body.length)]);
    if (header(custom, 'content-type') === undefined) {
      fields.push(['Content-Type', isJson ? 'application/json' : 'application/x-www-form-urlencoded']);
    }
  }
  const protocol = args.flags.has('http1.0') ? 'HTTP/1.0' : 'HTTP/1.1';
  const head = formatHead(`${method} ${target} ${protocol}`, fields);
  return {
    head,
    bytes: body === undefined ? sys.toBytes(head) : joinBytes([sys.toBytes(head), body]),
  };
}

function requestBody(args: ParsedArguments): string | undefined {
  const encoded = (args.values.get('data-urlencode') ?? []).map((item) => {
    const equals = item.indexOf('=');
    return equals < 0
      ? encodeURIComponent(item)
      : `${item.slice(0, equals)}=${encodeURIComponent(item.slice(equals + 1))}`;
  });
  const pieces = [
    ...(args.values.get('data') ?? []),
    ...(args.values.get('data-raw') ?? []),
    ...(args.values.get('data-binary') ?? []),
    ...encoded,
  ];
  const json = args.values.get('json');
  if (json !== undefined) return json.join('');
  return pieces.length === 0 ? undefined : pieces.join('&');
}

function methodOf(args: ParsedArguments): string {
  const custom = args.value('request');
  if (custom !== undefined) return custom;
  if (args.flags.has('head')) return 'HEAD';
  return requestBody(args) !== undefined && !args.flags.has('get') ? 'POST' : 'GET';
}

/** Where a connection goes: --connect-to puts another host or port in; an empty part stands for any, or for the same. */
function connectedPlace(args: ParsedArguments, url: ParsedUrl): ParsedUrl {
  for (const entry of args.values.get('connect-to') ?? []) {
    const [host = '', port = '', toHost = '', toPort = ''] = entry.split(':');
    if (host !== '' && host.toLowerCase() !== url.host.toLowerCase()) continue;
    if (port !== '' && Number(port) !== url.port) continue;
    return { ...url, host: toHost || url.host, port: Number(toPort) || url.port };
  }
  return url;
}

function pinnedAddress(args: ParsedArguments, url: ParsedUrl): string | undefined {
  for (const entry of args.values.get('resolve') ?? []) {
    const [host = '', port, addresses = ''] = entry.replace(/^\+/, '').split(':');
    const isHost = host === '*' || host.toLowerCase() === url.host.toLowerCase();
    if (isHost && Number(port) === url.port) return addresses.split(',', 1)[0];
  }
  return undefined;
}

function readFailure(failure: ReadFailure, elapsedMs: number, receivedBytes: number): CurlFailure {
  if (failure.kind === 'closed') return { code: 52, message: 'Empty reply from server' };
  if (failure.kind === 'malformed') return { code: 1, message: 'Received HTTP/0.9 when not allowed' };
  if (failure.errno === 'ETIMEDOUT') {
    return {
      code: 28,
      message: `Operation timed out after ${elapsedMs} milliseconds with ${receivedBytes} bytes received`,
    };
  }
  return { code: 56, message: `Recv failure: ${errnoText(failure.errno)}` };
}

function millis(seconds: string | undefined): number | undefined {
  const value = Number(seconds);
  return seconds === undefined || Number.isNaN(value) || value <= 0 ? undefined : Math.round(value * 1000);
}
