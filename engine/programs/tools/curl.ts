/**
 * curl 8 for HTTP and HTTPS. Left out: every other protocol, HTTP/2, proxies, configuration files; several
 * transfers come one after the other. Messages and exit codes as curl's. Source: curl(1), libcurl-errors(3), measured
 * with curl 8.
 */
import { joinBytes } from '../../net/process/bytes.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import { formatCookieJar, parseCookieJar } from './curl-cookies.ts';
import type { CurlFailure } from './curl-failure.ts';
import { type GlobbedUrl, globUrls } from './curl-glob.ts';
import { curlOptions, findTwoMethods, findWrongValue } from './curl-options.ts';
import { formatProgress } from './curl-progress.ts';
import { type RequestParts, readRequestParts } from './curl-request.ts';
import { untrustedHelp } from './curl-tls.ts';
import { type Transfer, transfer } from './curl-transfer.ts';
import { formatWriteOut } from './curl-write-out.ts';

/** The version that is simulated. */
const version = '8.16.0';
const tryHelp = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** curl. */
export const curl: Program = function* ({ argv, tty }) {
  const groups: ParsedArguments[] = [];
  // Each part between --next has options of its own.
  for (const words of splitAtNext(argv.slice(1))) {
    const parsed = parseArguments(words, curlOptions);
    if (!parsed.ok) {
      const { kind, option } = parsed.error;
      const problem = kind === 'needs-value' ? 'requires parameter' : 'is unknown';
      yield* sys.printError(`curl: option ${option}: ${problem}\n${tryHelp}`);
      return 2;
    }
    const wrong = findWrongValue(parsed.value, words);
    if (wrong !== undefined) {
      yield* sys.printError(`curl: ${wrong}\n${tryHelp}`);
      return 2;
    }
    groups.push(parsed.value);
  }
  if (groups.some(({ flags }) => flags.has('version'))) {
    yield* sys.print(`curl ${version} (x86_64-pc-linux-gnu) libcurl/${version}\nProtocols: http https\n`);
    return 0;
  }
  const common = globalFlags.filter((flag) => groups.some(({ flags }) => flags.has(flag)));
  let exitCode = 0;
  for (const group of groups) {
    const args = { ...group, flags: new Set([...group.flags, ...common]) };
    const urls = [...(args.values.get('url') ?? []), ...args.operands];
    if (urls.length === 0) {
      yield* sys.printError(`${argv.length === 1 ? '' : 'curl: (2) no URL specified\n'}${tryHelp}`);
      return 2;
    }
    const twice = findTwoMethods(args);
    if (twice !== undefined) {
      if (!args.flags.has('silent')) yield* sys.printError(twice);
      return 2;
    }
    exitCode = yield* fetchAll(urls, args, tty);
    if (exitCode !== 0 && args.flags.has('fail-early')) return exitCode;
  }
  return exitCode;
};

/** Options that hold for every part of a line. Source: curl(1), GLOBAL. */
const globalFlags = ['silent', 'show-error', 'verbose', 'fail-early', 'no-progress-meter'] as const;

function splitAtNext(words: readonly string[]): readonly (readonly string[])[] {
  const next = words.findIndex((word) => word === '--next' || word === '-:');
  return next < 0 ? [words] : [words.slice(0, next), ...splitAtNext(words.slice(next + 1))];
}

function* fetchAll(urls: readonly string[], args: ParsedArguments, tty: boolean): sys.Sys<number> {
  const parts = yield* readRequestParts(args, version);
  const showsErrors = !args.flags.has('silent') || args.flags.has('show-error');
  if (!parts.ok) {
    const { code, message } = parts.error;
    if (showsErrors) yield* sys.printError(`curl: (${code}) ${message}\n`);
    return code;
  }
  let exitCode = 0;
  let number = 0;
  for (const [index, pattern] of urls.entries()) {
    const globbed = args.flags.has('globoff') ? [{ url: pattern, words: [] }] : globUrls(pattern);
    if (!Array.isArray(globbed) && !globbed.ok) {
      if (showsErrors) yield* sys.printError(`curl: (3) ${globbed.error}\n`);
      return 3;
    }
    for (const one of Array.isArray(globbed) ? globbed : globbed.value) {
      const target = targetOf(args, one, index);
      exitCode = yield* fetchUrl({
        url: withUpload(args, one.url),
        target,
        number,
        parts: parts.value,
        tty,
      });
      number += 1;
      if (exitCode !== 0 && args.flags.has('fail-early')) return exitCode;
    }
  }
  return exitCode;
}

/** The file that a URL's answer goes to: the nth -o is for the nth URL; `#1` is the first word of its pattern. */
function targetOf(args: ParsedArguments, { url, words }: GlobbedUrl, index: number): string | undefined {
  const named = args.values.get('output')?.[index];
  const file =
    named?.replace(/#(\d+)/g, (whole, digits: string) => words[Number(digits) - 1] ?? whole) ??
    (args.flags.has('remote-name') ? remoteName(url) : undefined);
  const folder = args.value('output-dir');
  return file === undefined || folder === undefined || file.startsWith('/') ? file : `${folder}/${file}`;
}

/** A file that is uploaded to a folder keeps its name. */
function withUpload(args: ParsedArguments, url: string): string {
  const file = args.value('upload-file');
  return file !== undefined && file !== '-' && url.endsWith('/') ? `${url}${file.split('/').at(-1)}` : url;
}

/** The cookies of a file; undefined when nobody asked for cookies to be kept. */
function* readCookies(args: ParsedArguments) {
  const named = args.values.get('cookie')?.filter((text) => !text.includes('=')) ?? [];
  if (named.length === 0 && args.value('cookie-jar') === undefined) return undefined;
  const text = yield* sys.readFile(named[0] ?? '');
  const known = text.ok ? parseCookieJar(sys.toText(text.value)) : [];
  // What is kept here lasts no longer than a session.
  return args.flags.has('junk-session-cookies') ? [] : known;
}

interface Fetch {
  readonly url: string;
  readonly target: string | undefined;
  /** Which URL it is, from 0. */
  readonly number: number;
  readonly parts: RequestParts;
  readonly tty: boolean;
}

function* fetchUrl({ url, target, number, parts, tty }: Fetch): sys.Sys<number> {
  const { args } = parts;
  const isSilent = args.flags.has('silent') || args.flags.has('no-progress-meter');
  const toTerminal = tty && target === undefined;
  const showsMeter = !isSilent && !toTerminal;
  if (showsMeter) yield* sys.printError(formatProgress.header);
  const retries = Math.min(Number(args.value('retry') ?? 0) || 0, 20);
  const startedMs = yield* sys.now();
  const endMs = startedMs + 1000 * (Number(args.value('retry-max-time') ?? 0) || Infinity);
  const look = { parts, showsData: !toTerminal, cookies: yield* readCookies(args) };
  let retry = 0;
  for (;;) {
    const outcome = yield* transfer(url, args, look);
    const { bytes, failure } = yield* deliver(outcome, args, target);
    if (showsMeter) {
      const elapsedMs = (yield* sys.now()) - startedMs;
      yield* sys.printError(formatProgress.lines({ bytes, elapsedMs, failed: failure !== undefined }));
    }
    if (failure !== undefined && (!args.flags.has('silent') || args.flags.has('show-error'))) {
      yield* sys.printError(
        `curl: (${failure.code}) ${failure.message}\n${failure.code === 60 ? untrustedHelp : ''}`,
      );
    }
    const waitMs = 1000 * (Number(args.value('retry-delay') ?? 0) || 2 ** retry);
    if (retry < retries && isWorthRetry(outcome, args) && (yield* sys.now()) < endMs) {
      if (!args.flags.has('silent')) yield* sys.printError(retryWarning(outcome, waitMs, retries - retry));
      yield* sys.sleep(waitMs);
      retry += 1;
      continue;
    }
    const jar = args.value('cookie-jar');
    if (jar !== undefined) yield* writeOutput(jar, sys.toBytes(formatCookieJar(outcome.cookies)));
    const writeOut = args.value('write-out');
    if (writeOut !== undefined) {
      const facts = { failure, urlIndex: number, file: target ?? '' };
      const { out, err } = formatWriteOut(writeOut, outcome, facts);
      if (err !== '') yield* sys.printError(err);
      if (out !== '') yield* sys.print(out);
    }
    return failure?.code ?? 0;
  }
}

/** Writes what came where it is to go. */
function* deliver(
  outcome: Transfer,
  args: ParsedArguments,
  target: string | undefined,
): sys.Sys<{ readonly bytes: number; readonly failure: CurlFailure | undefined }> {
  const { response, failure } = outcome;
  if (response === undefined) return { bytes: 0, failure };
  const heads = sys.toBytes([...outcome.earlierHeads, response.head].join(''));
  const dumped = args.value('dump-header');
  if (dumped !== undefined) yield* writeOutput(dumped, heads);
  const bytes = outputBytes(outcome, args, heads);
  const folder = target?.includes('/') === true ? target.replace(/\/[^/]*$/, '') : '';
  if (args.flags.has('create-dirs') && folder !== '') yield* sys.makeDirectory(folder, true);
  const saved = yield* writeOutput(target, bytes);
  const unsaved = { code: 23, message: 'Failure writing output to destination' };
  return { bytes: bytes.length, failure: failure ?? (saved ? undefined : unsaved) };
}

function isWorthRetry(outcome: Transfer, args: ParsedArguments): boolean {
  const status = outcome.response?.status ?? 0;
  const code = outcome.failure?.code;
  if (args.flags.has('retry-all-errors') && code !== undefined) return true;
  if (code === 7 && args.flags.has('retry-connrefused')) return true;
  return code === 28 || [408, 429, 500, 502, 503, 504].includes(status);
}

function retryWarning(outcome: Transfer, waitMs: number, left: number): string {
  const { code } = outcome.failure ?? {};
  const reason = code === 28 ? 'timeout' : code === 7 ? 'connection refused' : 'HTTP error';
  const seconds = waitMs / 1000;
  return `Warning: Problem: ${reason}. Will retry in ${seconds} second${seconds === 1 ? '' : 's'}. \nWarning: ${left} retr${left === 1 ? 'y' : 'ies'} left.\n`;
}

function outputBytes(outcome: Transfer, args: ParsedArguments, heads: Uint8Array): Uint8Array {
  const { response, failure } = outcome;
  const showsHead = args.flags.has('include') || args.flags.has('head');
  const isRefused = failure?.code === 22 && !args.flags.has('fail-with-body');
  const hasBody = response !== undefined && !isRefused && !args.flags.has('head');
  return joinBytes([showsHead ? heads : new Uint8Array(), hasBody ? response.body : new Uint8Array()]);
}

function* writeOutput(target: string | undefined, bytes: Uint8Array): sys.Sys<boolean> {
  if (target === undefined || target === '-') {
    if (bytes.length > 0) yield* sys.write(1, bytes);
    return true;
  }
  const written = yield* sys.writeFile(target, bytes);
  return written.ok;
}

function remoteName(url: string): string {
  return (url.split(/[?#]/, 1)[0] ?? '').split('/').at(-1) || 'curl_response';
}
