/**
 * curl 8 for HTTP and HTTPS. Left out: every other protocol, HTTP/2, proxies, multipart, several transfers at once,
 * configuration files. Messages and exit codes as curl's. Source: curl(1), libcurl-errors(3), measured with curl 8.
 */

import { ok } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import type { ReceivedResponse } from '../http/exchange.ts';
import { formatCookieJar, parseCookieJar } from './curl-cookies.ts';
import { formatProgress } from './curl-progress.ts';
import { untrustedHelp } from './curl-tls.ts';
import { type Transfer, transfer } from './curl-transfer.ts';
import { formatWriteOut } from './curl-write-out.ts';

const options: OptionTable = {
  flags: {
    s: 'silent',
    silent: 'silent',
    S: 'show-error',
    'show-error': 'show-error',
    v: 'verbose',
    verbose: 'verbose',
    i: 'include',
    include: 'include',
    'show-headers': 'include',
    I: 'head',
    head: 'head',
    f: 'fail',
    fail: 'fail',
    'fail-with-body': 'fail-with-body',
    L: 'location',
    location: 'location',
    k: 'insecure',
    insecure: 'insecure',
    O: 'remote-name',
    'remote-name': 'remote-name',
    G: 'get',
    get: 'get',
    N: 'no-buffer',
    'no-buffer': 'no-buffer',
    '4': 'ipv4',
    ipv4: 'ipv4',
    'http1.1': 'http1.1',
    '0': 'http1.0',
    'http1.0': 'http1.0',
    g: 'globoff',
    globoff: 'globoff',
    'no-progress-meter': 'no-progress-meter',
    'path-as-is': 'path-as-is',
    'no-keepalive': 'no-keepalive',
    V: 'version',
    version: 'version',
    h: 'help',
    help: 'help',
  },
  values: {
    o: 'output',
    output: 'output',
    w: 'write-out',
    'write-out': 'write-out',
    H: 'header',
    header: 'header',
    X: 'request',
    request: 'request',
    d: 'data',
    data: 'data',
    'data-ascii': 'data',
    'data-raw': 'data-raw',
    'data-binary': 'data-binary',
    'data-urlencode': 'data-urlencode',
    json: 'json',
    m: 'max-time',
    'max-time': 'max-time',
    'connect-timeout': 'connect-timeout',
    A: 'user-agent',
    'user-agent': 'user-agent',
    e: 'referer',
    referer: 'referer',
    u: 'user',
    user: 'user',
    retry: 'retry',
    'retry-delay': 'retry-delay',
    'max-redirs': 'max-redirs',
    resolve: 'resolve',
    'connect-to': 'connect-to',
    cacert: 'cacert',
    b: 'cookie',
    cookie: 'cookie',
    c: 'cookie-jar',
    'cookie-jar': 'cookie-jar',
    interface: 'interface',
    url: 'url',
    D: 'dump-header',
    'dump-header': 'dump-header',
  },
};

/** The version that is simulated. */
const version = '8.16.0';

/** curl. */
export const curl: Program = function* ({ argv, tty }) {
  const parsed = parseArguments(argv.slice(1), options);
  if (!parsed.ok) {
    const { kind, option } = parsed.error;
    const problem = kind === 'unknown' ? 'is unknown' : 'requires parameter';
    yield* sys.printError(
      `curl: option ${option}: ${problem}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
    );
    return 2;
  }
  const args = yield* withFiles(parsed.value);
  if (args.flags.has('version')) {
    yield* sys.print(`curl ${version} (x86_64-pc-linux-gnu) libcurl/${version}\nProtocols: http https\n`);
    return 0;
  }
  const urls = [...(args.values.get('url') ?? []), ...args.operands];
  if (urls.length === 0) {
    yield* sys.printError(
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    );
    return 2;
  }
  let exitCode = 0;
  for (const url of urls) exitCode = yield* fetchUrl(url, args, tty);
  return exitCode;
};

/** Puts what files hold in place of `@file`; a line's end is left out by -d alone. A file that is not there is empty. */
function* withFiles(args: ParsedArguments): sys.Sys<ParsedArguments> {
  const values = new Map(args.values);
  for (const name of ['data', 'data-binary', 'json']) {
    const loaded: string[] = [];
    for (const value of args.values.get(name) ?? []) {
      if (!value.startsWith('@')) {
        loaded.push(value);
        continue;
      }
      const file = value.slice(1);
      const bytes = file === '-' ? ok(yield* sys.readAllStdin()) : yield* sys.readFile(file);
      if (!bytes.ok)
        yield* sys.printError(`Warning: Couldn't read data from file "${file}", this makes an empty POST.\n`);
      const text = bytes.ok ? sys.toText(bytes.value) : '';
      loaded.push(name === 'data' ? text.replace(/[\r\n]/g, '') : text);
    }
    if (loaded.length > 0) values.set(name, loaded);
  }
  return { ...args, values, value: (name) => values.get(name)?.at(-1) };
}

function* readCookies(args: ParsedArguments) {
  const file = args.values.get('cookie')?.find((text) => !text.includes('='));
  const text = file === undefined ? undefined : yield* sys.readFile(file);
  return text?.ok === true ? parseCookieJar(sys.toText(text.value)) : [];
}

function* fetchUrl(url: string, args: ParsedArguments, tty: boolean): sys.Sys<number> {
  const target = args.value('output') ?? (args.flags.has('remote-name') ? remoteName(url) : undefined);
  const isSilent = args.flags.has('silent') || args.flags.has('no-progress-meter');
  const toTerminal = tty && target === undefined;
  const showsMeter = !isSilent && !toTerminal;
  if (showsMeter) yield* sys.printError(formatProgress.header);
  const retries = Math.min(Number(args.value('retry') ?? 0) || 0, 20);
  const startedMs = yield* sys.now();
  const look = { version, showsData: !toTerminal, cookies: yield* readCookies(args) };
  let outcome = yield* transfer(url, args, look);
  for (let retry = 0; retry < retries && isTransient(outcome); retry += 1) {
    const seconds = Number(args.value('retry-delay') ?? 0) || 2 ** retry;
    if (!isSilent || args.flags.has('show-error')) {
      yield* sys.printError(
        `Warning: Problem: ${retryReason(outcome)}. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. \nWarning: ${retries - retry} retr${retries - retry === 1 ? 'y' : 'ies'} left.\n`,
      );
    }
    yield* sys.sleep(seconds * 1000);
    outcome = yield* transfer(url, args, look);
  }
  let written = 0;
  let failure = outcome.failure;
  if (outcome.response !== undefined) {
    const bytes = outputBytes(outcome, args);
    written = bytes.length;
    const saved = yield* writeOutput(target, bytes);
    if (!saved && failure === undefined)
      failure = { code: 23, message: 'Failure writing output to destination' };
    yield* dumpHeaders(outcome.response, args.value('dump-header'));
  }
  if (showsMeter) {
    const elapsedMs = (yield* sys.now()) - startedMs;
    yield* sys.printError(formatProgress.lines({ bytes: written, elapsedMs, failed: failure !== undefined }));
  }
  if (failure !== undefined && (!args.flags.has('silent') || args.flags.has('show-error'))) {
    yield* sys.printError(
      `curl: (${failure.code}) ${failure.message}\n${failure.code === 60 ? untrustedHelp : ''}`,
    );
  }
  const jar = args.value('cookie-jar');
  if (jar !== undefined) yield* writeOutput(jar, sys.toBytes(formatCookieJar(outcome.cookies)));
  const writeOut = args.value('write-out');
  if (writeOut !== undefined) yield* sys.print(formatWriteOut(writeOut, outcome, failure));
  return failure?.code ?? 0;
}

function isTransient(outcome: Transfer): boolean {
  const status = outcome.response?.status ?? 0;
  return outcome.failure?.code === 28 || [408, 429, 500, 502, 503, 504].includes(status);
}

function retryReason(outcome: Transfer): string {
  return outcome.failure?.code === 28 ? 'timeout' : 'HTTP error';
}

function outputBytes(outcome: Transfer, args: ParsedArguments): Uint8Array {
  const { response } = outcome;
  if (response === undefined) return new Uint8Array();
  const showsHead = args.flags.has('include') || args.flags.has('head');
  const isRefused = outcome.failure?.code === 22 && !args.flags.has('fail-with-body');
  const heads = showsHead ? [...outcome.earlierHeads, response.head].join('') : '';
  const body = isRefused || args.flags.has('head') ? new Uint8Array() : response.body;
  return joinBytes([sys.toBytes(heads), body]);
}

function* writeOutput(target: string | undefined, bytes: Uint8Array): sys.Sys<boolean> {
  if (target === undefined || target === '-') {
    if (bytes.length > 0) yield* sys.write(1, bytes);
    return true;
  }
  const written = yield* sys.writeFile(target, bytes);
  return written.ok;
}

function* dumpHeaders(response: ReceivedResponse, target: string | undefined): sys.Sys<void> {
  if (target !== undefined) yield* writeOutput(target, sys.toBytes(response.head));
}

function remoteName(url: string): string {
  return (url.split(/[?#]/, 1)[0] ?? '').split('/').at(-1) || 'curl_response';
}
