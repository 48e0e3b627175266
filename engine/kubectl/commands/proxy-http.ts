/**
 * As much of HTTP/1.1 as `kubectl proxy` speaks to its clients: requests with a Content-Length, answers with one, and
 * chunks for what goes on. Source: RFC 9112.
 */
import type { BackendAnswer } from '../../api/proxied.ts';

/** One request of a client. */
export interface ProxyRequest {
  readonly method: string;
  /** Percent-decoded. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const headEnd = '\r\n\r\n';

/** Takes bytes as they come, and gives requests once they are whole. */
export class RequestReader {
  #bytes = Buffer.alloc(0);

  add(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  /** The next request; undefined while it is not there, `malformed` when it never will be. */
  next(): ProxyRequest | 'malformed' | undefined {
    const end = this.#bytes.indexOf(headEnd);
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#bytes.subarray(0, end).toString('utf8').split('\r\n');
    const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
    if (method === undefined || target === undefined) return 'malformed';
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    const start = end + headEnd.length;
    const length = Number(headers.get('content-length') ?? '0');
    if (!Number.isInteger(length) || length < 0) return 'malformed';
    if (this.#bytes.length < start + length) return undefined;
    const body = this.#bytes.subarray(start, start + length).toString('utf8');
    this.#bytes = this.#bytes.subarray(start + length);
    const url = URL.canParse(target, 'http://proxy') ? new URL(target, 'http://proxy') : undefined;
    const path = url === undefined ? undefined : decoded(url.pathname);
    if (url === undefined || path === undefined) return 'malformed';
    return { method, path, query: [...url.searchParams], headers, body };
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** A whole answer. */
export interface ProxyAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

const reasons: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [409, 'Conflict'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Entity'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);

/** The bytes of an answer; of one to HEAD without its body. */
export function formatAnswer(
  { code, contentType, body }: ProxyAnswer,
  nowMs: number,
  isHead: boolean,
): Uint8Array {
  const bytes = Buffer.from(body, 'utf8');
  const head = headOf(code, contentType, nowMs, `Content-Length: ${bytes.length}`);
  return isHead ? Buffer.from(head) : Buffer.concat([Buffer.from(head), bytes]);
}

/** The bytes of an answer that came through the API server; of one to HEAD without its body. */
export function formatPassedAnswer(
  { code, headers, body }: BackendAnswer,
  nowMs: number,
  isHead: boolean,
): Uint8Array {
  const hasDate = headers.some(([name]) => name.toLowerCase() === 'date');
  const head = [
    `HTTP/1.1 ${code} ${reasons.get(code) ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(hasDate ? [] : [`Date: ${new Date(nowMs).toUTCString()}`]),
    `Content-Length: ${body.length}`,
    '',
    '',
  ].join('\r\n');
  return isHead ? Buffer.from(head) : Buffer.concat([Buffer.from(head), body]);
}

/** What stands before an answer that goes on. */
export function formatStreamHead(contentType: string, nowMs: number): Uint8Array {
  return Buffer.from(headOf(200, contentType, nowMs, 'Transfer-Encoding: chunked'));
}

/** One piece of an answer that goes on; an empty text ends it. */
export function formatChunk(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

function headOf(code: number, contentType: string, nowMs: number, length: string): string {
  return [
    `HTTP/1.1 ${code} ${reasons.get(code) ?? ''}`,
    `Content-Type: ${contentType}`,
    `Date: ${new Date(nowMs).toUTCString()}`,
    length,
    '',
    '',
  ].join('\r\n');
}
