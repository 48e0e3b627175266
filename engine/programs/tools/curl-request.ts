/** The request that curl sends, as its options ask for it. Source: curl 8.16, lib/http.c; measured with curl. */
import { ok, type Result } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import * as sys from '../../net/process/sys.ts';
import type { ParsedArguments } from '../arguments.ts';
import { type Cookie, cookiesFor } from './curl-cookies.ts';
import type { CurlFailure } from './curl-failure.ts';
import { readForm } from './curl-form.ts';
import { dataOptions } from './curl-options.ts';
import type { ParsedUrl } from './url.ts';

/** What is the same for every request of a transfer. */
export interface RequestParts {
  readonly args: ParsedArguments;
  readonly version: string;
  /** Lines of -H, those of files among them. */
  readonly headers: readonly string[];
  /** What is sent with the first request. */
  readonly body: string | undefined;
  /** What the body is, unless a line of -H says it. */
  readonly contentType: string | undefined;
}

/** What changes from request to request. */
export interface RequestTurn {
  readonly url: ParsedUrl;
  readonly method: string;
  readonly hasBody: boolean;
  /** Whether a redirect led to another host, which is not told secrets. */
  readonly isElsewhere: boolean;
  readonly cookies: readonly Cookie[];
  /** The URL that led here. */
  readonly cameFrom?: string;
}

/** Reads what options name as `@file`. */
export function* readRequestParts(
  args: ParsedArguments,
  version: string,
): sys.Sys<Result<RequestParts, CurlFailure>> {
  const headers = yield* readHeaders(args);
  const form = yield* readForm(args);
  if (!form.ok) return form;
  if (form.value !== undefined) {
    const { text: body, contentType } = form.value;
    return ok({ args, version, headers, body, contentType });
  }
  const contentType =
    args.value('upload-file') === undefined ? 'application/x-www-form-urlencoded' : undefined;
  return ok({ args, version, headers, body: yield* readBody(args), contentType });
}

function* readHeaders(args: ParsedArguments): sys.Sys<readonly string[]> {
  const lines: string[] = [];
  for (const value of args.values.get('header') ?? []) {
    if (!value.startsWith('@')) {
      lines.push(value);
      continue;
    }
    const bytes = yield* sys.readFile(value.slice(1));
    const text = bytes.ok ? sys.toText(bytes.value) : '';
    lines.push(...text.split(/\r?\n/).filter((line) => line !== ''));
  }
  if (args.values.has('json')) {
    for (const name of ['Content-Type', 'Accept'])
      if (!lines.some((line) => nameOf(line) === name.toLowerCase())) lines.push(`${name}: application/json`);
  }
  return lines;
}

/** What -d and its like give, in their order; what -T names. */
function* readBody(args: ParsedArguments): sys.Sys<string | undefined> {
  const upload = args.value('upload-file');
  if (upload !== undefined) {
    const bytes =
      upload === '-' || upload === '.' ? ok(yield* sys.readAllStdin()) : yield* sys.readFile(upload);
    return bytes.ok ? sys.toText(bytes.value) : undefined;
  }
  let body: string | undefined;
  for (const [name, value] of args.entries) {
    if (!dataOptions.has(name)) continue;
    const piece = yield* readPiece(args, name, value);
    body = body === undefined ? piece : `${body}${name === 'json' ? '' : '&'}${piece}`;
  }
  return body;
}

function* readPiece(args: ParsedArguments, name: string, value: string): sys.Sys<string> {
  if (name === 'data-raw') return value;
  if (name === 'data-urlencode') {
    const [, field = '', mark = '', rest = ''] = /^([^=@]*)([=@])?(.*)$/s.exec(value) ?? [];
    if (mark === '') return encode(value);
    const content = mark === '=' ? rest : yield* readText(args, rest);
    return `${field === '' ? '' : `${field}=`}${encode(content)}`;
  }
  if (!value.startsWith('@')) return value;
  const text = yield* readText(args, value.slice(1));
  return name === 'data' ? text.replace(/[\r\n\0]/g, '') : text;
}

/** A file that is not there is empty. */
function* readText(args: ParsedArguments, file: string): sys.Sys<string> {
  const bytes = file === '-' ? ok(yield* sys.readAllStdin()) : yield* sys.readFile(file);
  if (bytes.ok) return sys.toText(bytes.value);
  if (!args.flags.has('silent'))
    yield* sys.printError(`Warning: Couldn't read data from file "${file}", this makes an empty POST.\n`);
  return '';
}

/** All but letters, digits and `-._~` as `%XX`; a blank is a plus. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');
}

/** The method of the first request. */
export function methodOf({ args, body }: RequestParts): string {
  const custom = args.value('request');
  if (custom !== undefined) return custom;
  if (args.flags.has('head')) return 'HEAD';
  if (args.value('upload-file') !== undefined) return 'PUT';
  return body !== undefined && !args.flags.has('get') ? 'POST' : 'GET';
}

/** The head and the bytes of a request. */
export function formatRequest(
  parts: RequestParts,
  turn: RequestTurn,
): { readonly head: string; readonly bytes: Uint8Array } {
  const { args, body } = parts;
  const { url, method } = turn;
  const inQuery = args.flags.has('get') && body !== undefined;
  const asked = args.value('request-target') ?? url.target;
  const target = inQuery ? `${asked}${asked.includes('?') ? '&' : '?'}${body}` : asked;
  const sent = body === undefined || inQuery || !turn.hasBody ? undefined : sys.toBytes(body);
  const secrets = new Set(turn.isElsewhere ? ['authorization', 'cookie', 'host'] : []);
  const custom = parts.headers.filter((line) => !secrets.has(nameOf(line)));
  const given = new Set(custom.map(nameOf));
  const own = ownLines(parts, turn).filter(([name]) => name === 'cookie' || !given.has(name));
  const host = custom.find((line) => nameOf(line) === 'host') ?? hostLine(url);
  const lines = [
    ...(isRemoval(host) ? [] : [host]),
    ...own.map(([, line]) => line),
    ...custom.filter((line) => nameOf(line) !== 'host').flatMap(sentLine),
  ];
  if (sent !== undefined) {
    lines.push(`Content-Length: ${sent.length}`);
    if (parts.contentType !== undefined && !given.has('content-type'))
      lines.push(`Content-Type: ${parts.contentType}`);
  }
  const protocol = args.flags.has('http1.0') ? 'HTTP/1.0' : 'HTTP/1.1';
  const head = `${[`${method} ${target} ${protocol}`, ...lines].join('\r\n')}\r\n\r\n`;
  return { head, bytes: sent === undefined ? sys.toBytes(head) : joinBytes([sys.toBytes(head), sent]) };
}

/** The lines that curl writes by itself, with their names. */
function ownLines(
  { args, version }: RequestParts,
  turn: RequestTurn,
): readonly (readonly [name: string, line: string])[] {
  const { url, cookies, isElsewhere, cameFrom } = turn;
  const lines: (readonly [string, string])[] = [];
  const add = (name: string, value: string) => lines.push([name.toLowerCase(), `${name}: ${value}`]);
  const user = isElsewhere ? url.userinfo : (args.value('user') ?? url.userinfo);
  const token = args.value('oauth2-bearer');
  if (token !== undefined && !isElsewhere) add('Authorization', `Bearer ${token}`);
  else if (user !== undefined) add('Authorization', `Basic ${btoa(user.includes(':') ? user : `${user}:`)}`);
  const range = args.value('range');
  if (range !== undefined) add('Range', `bytes=${range}`);
  const agent = args.value('user-agent') ?? `curl/${version}`;
  if (agent !== '') add('User-Agent', agent);
  add('Accept', '*/*');
  if (args.flags.has('compressed')) add('Accept-Encoding', 'deflate, gzip, br, zstd');
  const referer = refererOf(args.value('referer'), cameFrom);
  if (referer !== '') add('Referer', referer);
  const typed = isElsewhere ? [] : (args.values.get('cookie') ?? []).filter((text) => text.includes('='));
  const cookie = [cookiesFor(cookies, url), ...typed].filter((text) => text !== '').join('; ');
  if (cookie !== '') add('Cookie', cookie);
  return lines;
}

/** With `;auto` at its end a redirect says where it came from. */
function refererOf(wanted = '', cameFrom: string | undefined): string {
  if (!wanted.endsWith(';auto')) return wanted;
  return cameFrom ?? wanted.slice(0, -';auto'.length);
}

function hostLine(url: ParsedUrl): string {
  return `Host: ${url.host}${url.explicitPort ? `:${url.port}` : ''}`;
}

function nameOf(line: string): string {
  return (line.split(/[:;]/, 1)[0] ?? '').trim().toLowerCase();
}

/** `Name:` takes a line away. */
function isRemoval(line: string): boolean {
  return /^[^:]*:\s*$/.test(line);
}

/** `Name;` is sent without a value; what has neither colon nor semicolon is not sent. */
function sentLine(line: string): readonly string[] {
  if (line.includes(':')) return isRemoval(line) ? [] : [line];
  return /;\s*$/.test(line) ? [line.replace(/;\s*$/, ':')] : [];
}
