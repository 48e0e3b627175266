/** One transfer of curl: resolve, connect, send, read, and follow where it is told to. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import type { SocketAddress } from '../../net/process/syscalls.ts';
import type { ParsedArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { type ReadFailure, ReceiveBuffer, type ReceivedResponse, readResponse } from '../http/exchange.ts';
import { header } from '../http/message.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';
import { addCookie, type Cookie } from './curl-cookies.ts';
import type { CurlFailure } from './curl-failure.ts';
import { formatRequest, methodOf, type RequestParts, type RequestTurn } from './curl-request.ts';
import { openCurlTls } from './curl-tls.ts';
import { checkUrl } from './curl-url.ts';
import { type ParsedUrl, resolveLocation } from './url.ts';

/** What came of a transfer. Times are milliseconds since its beginning. */
export interface Transfer {
  readonly url: string;
  readonly effectiveUrl: string;
  readonly method: string;
  readonly response?: ReceivedResponse;
  /** Where a redirect that was not followed leads. */
  readonly redirectUrl?: string;
  /** Bytes of all requests. */
  readonly requestBytes: number;
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
  readonly requestBytes: number;
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

/** What holds for a whole transfer. */
export interface Presentation {
  readonly parts: RequestParts;
  /** Whether to print data lines under `-v`. */
  readonly showsData: boolean;
  /** Cookies that are known at the beginning; undefined: nobody asked for cookies to be kept. */
  readonly cookies: readonly Cookie[] | undefined;
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
  const unreadable = (args.values.get('resolve') ?? []).find(
    (entry) => !/^[+-]?[^:]+:\d+(?::.+)?$/.test(entry),
  );
  const maxRedirects = Number(args.value('max-redirs') ?? 50);
  const earlierHeads: string[] = [];
  let effectiveUrl = url;
  let method = methodOf(look.parts);
  let hasBody = look.parts.body !== undefined;
  let requestBytes = 0;
  let first: ParsedUrl | undefined;
  let cameFrom: string | undefined;
  let { cookies } = look;
  for (;;) {
    const parsed: Result<ParsedUrl, CurlFailure> =
      unreadable === undefined
        ? checkUrl(effectiveUrl, args.flags.has('path-as-is'))
        : err({ code: 49, message: `Couldn't parse CURLOPT_RESOLVE entry '${unreadable}'` });
    if (!parsed.ok) {
      const times = { resolvedMs: 0, connectedMs: 0, endedMs: 0 };
      const failure = parsed.error;
      return {
        url,
        effectiveUrl,
        method,
        earlierHeads,
        requestBytes,
        failure,
        cookies: cookies ?? [],
        times,
      };
    }
    first ??= parsed.value;
    const isElsewhere =
      !args.flags.has('location-trusted') &&
      (first.host !== parsed.value.host || first.port !== parsed.value.port);
    const came = cameFrom === undefined ? {} : { cameFrom };
    const turn = { url: parsed.value, method, hasBody, isElsewhere, cookies: cookies ?? [], ...came };
    const step = yield* runStep(turn, args, deadlines, look);
    requestBytes += step.requestBytes;
    const nowMs = yield* sys.now();
    for (const [name, value] of step.response?.headers ?? []) {
      if (cookies !== undefined && name.toLowerCase() === 'set-cookie')
        cookies = addCookie(cookies, value, parsed.value);
    }
    const endedMs = nowMs - startedMs;
    const { resolvedMs, connectedMs, requestBytes: _sent, ...rest } = step;
    const outcome: Transfer = {
      url,
      effectiveUrl: withScheme(effectiveUrl),
      method,
      earlierHeads,
      requestBytes,
      cookies: cookies ?? [],
      ...rest,
      times: { resolvedMs, connectedMs, endedMs },
    };
    const location = header(step.response?.headers ?? [], 'location');
    const status = step.response?.status ?? 0;
    if (location === undefined || status < 300 || status > 399) return withStatusFailure(outcome, args);
    const next = resolveLocation(parsed.value, location);
    const follows = args.flags.has('location') || args.flags.has('location-trusted');
    if (!follows) return withStatusFailure({ ...outcome, redirectUrl: next }, args);
    if (maxRedirects >= 0 && earlierHeads.length >= maxRedirects) {
      const { response, ...led } = outcome;
      const failure = { code: 47, message: `Maximum (${maxRedirects}) redirects followed` };
      const headOnly = response === undefined ? {} : { response: { ...response, body: new Uint8Array() } };
      return { ...led, ...headOnly, failure };
    }
    earlierHeads.push(step.response?.head ?? '');
    const keepsPost = args.flags.has(`post${status}`);
    const isPost = hasBody && args.value('upload-file') === undefined;
    if (status <= 303 && isPost && !keepsPost) {
      hasBody = false;
      // A method that was given stays.
      if (args.value('request') === undefined) method = 'GET';
    }
    cameFrom = withScheme(effectiveUrl);
    effectiveUrl = next;
  }
}

function withScheme(url: string): string {
  return url.includes('://') ? url : `http://${url}${url.includes('/') ? '' : '/'}`;
}

function withStatusFailure(outcome: Transfer, args: ParsedArguments): Transfer {
  const status = outcome.response?.status ?? 0;
  const fails = args.flags.has('fail') || args.flags.has('fail-with-body');
  if (!fails || status < 400 || outcome.failure !== undefined) return outcome;
  return { ...outcome, failure: { code: 22, message: `The requested URL returned error: ${status}` } };
}

function* runStep(
  turn: RequestTurn,
  args: ParsedArguments,
  deadlines: Deadlines,
  look: Presentation,
): sys.Sys<Step> {
  const { url, method } = turn;
  const note = function* (text: string): sys.Sys<void> {
    if (args.flags.has('verbose')) yield* sys.printError(text);
  };
  const elapsed = function* (): sys.Sys<number> {
    return (yield* sys.now()) - deadlines.startedMs;
  };
  const place = connectedPlace(args, url);
  const pinned = pinnedAddresses(args, place);
  const resolved =
    pinned === undefined ? yield* resolveName(place.host) : ok({ addresses: pinned, source: 'dns' });
  const resolvedMs = yield* elapsed();
  const failedStep = (failure: CurlFailure): Step => ({
    failure,
    resolvedMs,
    connectedMs: 0,
    requestBytes: 0,
  });
  // Nobody has an address of IPv6 here.
  if (place.host.startsWith('[')) {
    const host = place.host.slice(1, -1);
    const message = `Failed to connect to ${host} port ${place.port} after 0 ms: Could not connect to server`;
    return failedStep({ code: 7, message });
  }
  if (args.flags.has('ipv6'))
    return failedStep({ code: 6, message: `Could not resolve host: ${place.host}` });
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
  if (!connected.ok) return failedStep(connected.error);
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
      return { resolvedMs, connectedMs, ...ends, requestBytes: 0, failure: session.error };
    }
    stream = session.value.stream;
    verified = { verifyResult: session.value.verifyResult };
  }
  yield* note(
    `* Established connection to ${url.host} (${ends.remote?.address ?? ''} port ${url.port}) from ${ends.local?.address ?? ''} port ${ends.local?.port ?? 0} \n* using HTTP/1.x\n`,
  );
  const request = formatRequest(look.parts, turn);
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
  const times = { resolvedMs, connectedMs, requestBytes: bytes.length, ...ends, ...verified };
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

function pinnedAddresses(args: ParsedArguments, url: ParsedUrl): readonly string[] | undefined {
  for (const entry of args.values.get('resolve') ?? []) {
    const [host = '', port, addresses = ''] = entry.replace(/^\+/, '').split(':');
    const isHost = host === '*' || host.toLowerCase() === url.host.toLowerCase();
    if (isHost && Number(port) === url.port) return addresses.split(',');
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
