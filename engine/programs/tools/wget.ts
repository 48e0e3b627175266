/** busybox wget for HTTP, with its messages. Over TLS it takes any certificate, as busybox's does. Left out: FTP, continuing a download, proxies. */
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { ReceiveBuffer, type ReceivedResponse, readResponse } from '../http/exchange.ts';
import { formatHead, header } from '../http/message.ts';
import { type ByteStream, socketStream } from '../http/stream.ts';
import { connectTls, takeAnyCertificate } from '../tls/session.ts';
import { type ParsedUrl, parseUrl, resolveLocation } from './url.ts';

/** busybox's default for -T. */
const defaultTimeoutSeconds = 900;

const maxRedirects = 5;

/** wget. */
export const wget: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), {
    flags: {
      q: 'quiet',
      quiet: 'quiet',
      S: 'server-response',
      'server-response': 'server-response',
      spider: 'spider',
      c: 'continue',
      'no-check-certificate': 'no-check-certificate',
      'no-verbose': 'no-verbose',
      n: 'no',
      v: 'no-verbose',
    },
    values: {
      O: 'output',
      'output-document': 'output',
      T: 'timeout',
      timeout: 'timeout',
      t: 'tries',
      tries: 'tries',
      U: 'user-agent',
      'user-agent': 'user-agent',
      header: 'header',
      'post-data': 'post-data',
      P: 'prefix',
      o: 'log',
      Y: 'proxy',
    },
  });
  if (!parsed.ok) {
    const { kind, option } = parsed.error;
    const name = option.startsWith('--')
      ? `unrecognized option '${option}'`
      : `invalid option -- '${option.slice(1)}'`;
    const missing = option.startsWith('--')
      ? `option '${option}' requires an argument`
      : `option requires an argument -- '${option.slice(1)}'`;
    yield* sys.printError(`wget: ${kind === 'needs-value' ? missing : name}\n${usage}`);
    return 1;
  }
  const [url] = parsed.value.operands;
  if (url === undefined) {
    yield* sys.printError(usage);
    return 1;
  }
  const fetched = yield* fetchUrl(url, parsed.value);
  if (!fetched.ok) {
    yield* sys.printError(`wget: ${fetched.error}\n`);
    return 1;
  }
  return yield* save(fetched.value, parsed.value);
};

const usage = `BusyBox v1.36.1 multi-call binary.

Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[-P DIR] [-U AGENT] [-T SEC] URL...
`;

interface Fetched {
  readonly url: ParsedUrl;
  readonly response: ReceivedResponse;
}

function* fetchUrl(text: string, args: ParsedArguments): sys.Sys<Result<Fetched, string>> {
  const timeoutMs = 1000 * (Number(args.value('timeout') ?? defaultTimeoutSeconds) || defaultTimeoutSeconds);
  let target = text;
  let announced = '';
  for (let redirect = 0; redirect <= maxRedirects; redirect += 1) {
    const url = parseUrl(target);
    if (url === undefined) return err(`bad address '${hostOf(target)}'`);
    if (url.scheme !== 'http' && url.scheme !== 'https') return err(`not an http or ftp url: ${target}`);
    const place = `${url.host}:${url.port}`;
    const step = yield* fetchOnce(url, args, { timeoutMs, isNewPlace: place !== announced });
    announced = place;
    if (!step.ok) return step;
    const location = header(step.value.headers, 'location');
    if (step.value.status >= 300 && step.value.status < 400 && location !== undefined) {
      target = resolveLocation(url, location);
      continue;
    }
    if (step.value.status >= 300) {
      return err(`server returned error: ${step.value.version} ${step.value.status} ${step.value.reason}`);
    }
    return ok({ url, response: step.value });
  }
  return err('too many redirections');
}

function* fetchOnce(
  url: ParsedUrl,
  args: ParsedArguments,
  { timeoutMs, isNewPlace }: { readonly timeoutMs: number; readonly isNewPlace: boolean },
): sys.Sys<Result<ReceivedResponse, string>> {
  const resolved = yield* resolveName(url.host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) return err(`bad address '${url.host}${url.explicitPort ? `:${url.port}` : ''}'`);
  const isQuiet = args.flags.has('quiet');
  if (!isQuiet && isNewPlace)
    yield* sys.printError(
      `Connecting to ${url.host}${url.explicitPort ? `:${url.port}` : ''} (${address}:${url.port})\n`,
    );
  const startedMs = yield* sys.now();
  const socket = yield* sys.connect(address, url.port, { timeoutMs });
  if (!socket.ok) {
    const tookMs = (yield* sys.now()) - startedMs;
    if (socket.error === 'ETIMEDOUT' && tookMs >= timeoutMs) return err('download timed out');
    const reason = socket.error === 'ETIMEDOUT' ? 'Operation timed out' : errnoText(socket.error);
    return err(`can't connect to remote host (${address}): ${reason}`);
  }
  const post = args.value('post-data');
  const typed = (args.values.get('header') ?? []).map((line) => {
    const [name = '', ...rest] = line.split(':');
    return [name, rest.join(':').trim()] as const;
  });
  const own = [
    ['Host', `${url.host}${url.explicitPort ? `:${url.port}` : ''}`],
    ['User-Agent', args.value('user-agent') ?? 'Wget'],
  ] as const;
  const request = formatHead(`${post === undefined ? 'GET' : 'POST'} ${url.target} HTTP/1.1`, [
    // What --header says takes the place of its own. Source: busybox, networking/wget.c, wget_user_headers.
    ...own.filter(([name]) => header(typed, name) === undefined),
    ['Connection', 'close'],
    ...typed,
    ...(post === undefined
      ? []
      : [
          ['Content-Type', 'application/x-www-form-urlencoded'] as const,
          ['Content-Length', String(sys.toBytes(post).length)] as const,
        ]),
  ]);
  const stream = yield* openStream(socket.value, url, args, (yield* sys.now()) + timeoutMs);
  if (!stream.ok) return stream;
  yield* stream.value.send(sys.toBytes(`${request}${post ?? ''}`));
  const buffer = new ReceiveBuffer(stream.value);
  buffer.deadlineMs = (yield* sys.now()) + timeoutMs;
  const response = yield* readResponse(buffer, 'GET');
  yield* sys.close(socket.value);
  if (!response.ok) {
    const { error } = response;
    if (error.kind === 'errno' && error.errno === 'ETIMEDOUT') return err('download timed out');
    if (error.kind === 'errno') return err(`error getting response: ${errnoText(error.errno)}`);
    return err('error getting response');
  }
  if (args.flags.has('server-response')) {
    const lines = response.value.head.trimEnd().split('\r\n');
    // Of a refusal it reads the first line only.
    const read = response.value.status >= 400 ? lines.slice(0, 1) : lines;
    yield* sys.printError(read.map((line) => `  ${line}\n`).join(''));
  }
  return ok(response.value);
}

function* openStream(
  socket: number,
  { scheme, host }: ParsedUrl,
  args: ParsedArguments,
  deadlineMs: number,
): sys.Sys<Result<ByteStream, string>> {
  if (scheme !== 'https') return ok(socketStream(socket));
  if (!args.flags.has('no-check-certificate'))
    yield* sys.printError('wget: note: TLS certificate validation not implemented\n');
  const serverName = /^[\d.]+$/.test(host) ? {} : { serverName: host };
  const session = yield* connectTls<never>(
    socket,
    { ...serverName, alpn: [] },
    takeAnyCertificate,
    deadlineMs,
  );
  if (session.ok) return ok(session.value.stream);
  yield* sys.close(socket);
  return err('TLS error from peer (alert code 80): internal error');
}

function* save({ url, response }: Fetched, args: ParsedArguments): sys.Sys<number> {
  const isQuiet = args.flags.has('quiet');
  if (args.flags.has('spider')) {
    if (!isQuiet) yield* sys.printError('remote file exists\n');
    return 0;
  }
  const output = args.value('output') ?? fileName(url);
  if (output === '-') {
    if (!isQuiet) yield* sys.printError('writing to stdout\n');
    if (response.body.length > 0) yield* sys.write(1, response.body);
    if (!isQuiet) yield* sys.printError(`${progress('-', response.body.length)}written to stdout\n`);
    return 0;
  }
  if (args.value('output') === undefined && (yield* sys.stat(output)) !== undefined) {
    yield* sys.printError(`wget: can't open '${output}': File exists\n`);
    return 1;
  }
  if (!isQuiet) yield* sys.printError(`saving to '${output}'\n`);
  const saved = yield* sys.writeFile(output, response.body);
  if (!saved.ok) {
    yield* sys.printError(`wget: can't open '${output}': ${errnoText(saved.error)}\n`);
    return 1;
  }
  if (!isQuiet) yield* sys.printError(`${progress(output, response.body.length)}'${output}' saved\n`);
  return 0;
}

/** The line of the progress meter at its end, for a window of 80 columns. */
function progress(name: string, bytes: number): string {
  const size = bytes < 100_000 ? String(bytes).padStart(5) : `${Math.floor(bytes / 1024)}k`.padStart(5);
  return `${name.slice(0, 20).padEnd(20)} 100% |${'*'.repeat(32)}| ${size}  0:00:00 ETA\n`;
}

function fileName(url: ParsedUrl): string {
  return (url.target.split('?', 1)[0] ?? '').split('/').at(-1) || 'index.html';
}

function hostOf(text: string): string {
  return text.replace(/^[a-z]+:\/\//, '').split('/', 1)[0] ?? text;
}
