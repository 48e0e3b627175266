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
import { type ParsedUrl, parseUrl, resolveLocation } from './url.ts';

/** An exit code with the words after it. */
export interface CurlFailure {
  readonly code: number;
  readonly message: string;
}

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
  readonly times: { readonly resolvedMs: number; readonly connectedMs: number; readonly endedMs: number };
}

interface Step {
  readonly response?: ReceivedResponse;
  readonly failure?: CurlFailure;
  readonly remote?: SocketAddress;
  readonly local?: SocketAddress;
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
  for (;;) {
    const parsed = checkUrl(effectiveUrl);
    if (!parsed.ok) {
      const times = { resolvedMs: 0, connectedMs: 0, endedMs: 0 };
      return { url, effectiveUrl, method, earlierHeads, failure: parsed.error, times };
    }
    const step = yield* runStep(parsed.value, method, args, deadlines, look);
    const endedMs = (yield* sys.now()) - startedMs;
    const { resolvedMs, connectedMs, ...rest } = step;
    const outcome: Transfer = {
      url,
      effectiveUrl: effectiveUrl.includes('://')
        ? effectiveUrl
        : `http://${effectiveUrl}${effectiveUrl.includes('/') ? '' : '/'}`,
      method,
      earlierHeads,
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
  const pinned = pinnedAddress(args, url);
  const resolved =
    pinned === undefined ? yield* resolveName(url.host) : ok({ addresses: [pinned], source: 'dns' });
  const resolvedMs = yield* elapsed();
  const failedStep = (failure: CurlFailure): Step => ({ failure, resolvedMs, connectedMs: 0 });
  const lookupLimit = Math.min(deadlines.maxMs ?? Infinity, deadlines.connectMs ?? Infinity);
  if (!resolved.ok) {
    if (resolvedMs >= lookupLimit)
      return failedStep({ code: 28, message: `Resolving timed out after ${lookupLimit} milliseconds` });
    yield* note(`* Could not resolve host: ${url.host}\n* shutting down connection #0\n`);
    return failedStep({ code: 6, message: `Could not resolve host: ${url.host}` });
  }
  const { addresses } = resolved.value;
  if (resolved.value.source !== 'literal') {
    yield* note(
      `* Host ${url.host}:${url.port} was resolved.\n* IPv6: (none)\n* IPv4: ${addresses.join(', ')}\n`,
    );
  }
  const connected = yield* connectAny(url, addresses, args, deadlines, note);
  if (!connected.ok) return { failure: connected.error, resolvedMs, connectedMs: 0 };
  const connectedMs = yield* elapsed();
  const socket = connected.value;
  const name = yield* sys.socketName(socket);
  const ends: { readonly local?: SocketAddress; readonly remote?: SocketAddress } = name.ok
    ? { local: name.value.local, ...(name.value.peer === undefined ? {} : { remote: name.value.peer }) }
    : {};
  yield* note(
    `* Established connection to ${url.host} (${ends.remote?.address ?? ''} port ${url.port}) from ${ends.local?.address ?? ''} port ${ends.local?.port ?? 0} \n* using HTTP/1.x\n`,
  );
  const request = formatRequest(url, method, args, look.version);
  if (args.flags.has('verbose')) {
    yield* note(
      request.head
        .replace(/\r\n$/, '')
        .split('\r\n')
        .map((line) => `> ${line}\r\n`)
        .join(''),
    );
  }
  const deadlineMs = deadlines.maxMs === undefined ? undefined : deadlines.startedMs + deadlines.maxMs;
  // To a server that speaks TLS we have nothing to say, and one that does not can't answer a ClientHello.
  const bytes =
    url.scheme === 'https' ? Uint8Array.of(0x16, 3, 1, 0, 0, 0x0d, 0x0a, 0x0d, 0x0a) : request.bytes;
  yield* sys.send(socket, bytes);
  if (look.showsData && bytes.length > request.head.length)
    yield* note(`} [${bytes.length - request.head.length} bytes data]\n`);
  if (args.flags.has('verbose')) yield* note('* Request completely sent off\n');
  const buffer = new ReceiveBuffer(socket);
  buffer.deadlineMs = deadlineMs;
  const response = yield* readResponse(buffer, method);
  yield* sys.close(socket);
  const times = { resolvedMs, connectedMs, ...ends };
  if (url.scheme === 'https') {
    return {
      ...times,
      failure: {
        code: 35,
        message: 'TLS connect error: error:0A0000C6:SSL routines::packet length too long',
      },
    };
  }
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
  version: string,
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
  const standard: (readonly [string, string])[] = [
    ['Host', `${url.host}${url.explicitPort ? `:${url.port}` : ''}`],
    ...(user === undefined ? [] : [['Authorization', `Basic ${btoa(user)}`] as const]),
    ['User-Agent', args.value('user-agent') ?? `curl/${version}`],
    ['Accept', isJson ? 'application/json' : '*/*'],
    ...(args.value('referer') === undefined ? [] : [['Referer', args.value('referer') ?? ''] as const]),
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
  const pieces = [...(args.values.get('data') ?? []), ...(args.values.get('data-raw') ?? []), ...encoded];
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

function pinnedAddress(args: ParsedArguments, url: ParsedUrl): string | undefined {
  for (const entry of args.values.get('resolve') ?? []) {
    const [host, port, address] = entry.split(':');
    if (host === url.host && Number(port) === url.port) return address;
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
