/** Reading whole HTTP messages from a connection, whatever pieces they come in. */
import { err, ok, type Result } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import {
  type HeaderFields,
  type HttpRequest,
  header,
  parseRequestHead,
  parseResponseHead,
} from './message.ts';
import { type ByteStream, socketStream } from './stream.ts';

/** Bytes of a message that are read at most. */
const maxMessageBytes = 4_194_304;

/** Why no message came: the errno, the end of the connection, or something that is not HTTP. */
export type ReadFailure =
  | { readonly kind: 'errno'; readonly errno: Errno }
  | { readonly kind: 'closed'; readonly receivedBytes: number }
  | { readonly kind: 'malformed'; readonly text: string };

/** A response as it came over the wire. */
export interface ReceivedResponse {
  /** Status line and headers as they were sent, with the empty line. */
  readonly head: string;
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  /** Whether the connection may carry another request. */
  readonly keepAlive: boolean;
  /** The body ended before its announced length. */
  readonly missingBytes: number;
}

/** Bytes of one connection that were received and not used yet. */
export class ReceiveBuffer {
  readonly #source: ByteStream;
  #bytes: Uint8Array = new Uint8Array();
  /** A moment of virtual time after which reading fails with `ETIMEDOUT`. */
  deadlineMs: number | undefined;
  /** Bytes received in all. */
  total = 0;

  /** `source` is a socket, or what carries bytes over one. */
  constructor(source: number | ByteStream, deadlineMs?: number) {
    this.#source = typeof source === 'number' ? socketStream(source) : source;
    this.deadlineMs = deadlineMs;
  }

  /** Waits for more; false at the end. */
  *more(): sys.Sys<Result<boolean, Errno>> {
    let timeoutMs: number | undefined;
    if (this.deadlineMs !== undefined) timeoutMs = Math.max(0, this.deadlineMs - (yield* sys.now()));
    const received = yield* this.#source.receive(timeoutMs);
    if (!received.ok) return received;
    if (received.value === undefined) return ok(false);
    this.#bytes = joinBytes([this.#bytes, received.value]);
    this.total += received.value.length;
    return ok(true);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The next byte, if there is one. */
  get first(): number | undefined {
    return this.#bytes[0];
  }

  /** The bytes up to and with the first empty line, if it has come. */
  takeHead(): string | undefined {
    const text = sys.toText(this.#bytes.subarray(0, 65_536));
    const match = /\r?\n\r?\n/.exec(text);
    if (match === null) return undefined;
    const head = text.slice(0, match.index + match[0].length);
    this.take(Buffer.byteLength(head));
    return head;
  }

  /** One line without its end, if it has come. */
  takeLine(): string | undefined {
    const newline = this.#bytes.indexOf(0x0a);
    if (newline < 0) return undefined;
    return sys.toText(this.take(newline + 1)).replace(/\r?\n$/, '');
  }

  take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }
}

/** Waits for a request. */
export function* readRequest(buffer: ReceiveBuffer): sys.Sys<Result<HttpRequest, ReadFailure>> {
  const text = yield* readHead(buffer);
  if (!text.ok) return text;
  const head = parseRequestHead(text.value);
  if (head === undefined) return err({ kind: 'malformed', text: text.value });
  const body = yield* readBody(buffer, head.headers, 0);
  return body.ok ? ok({ ...head, body: body.value.body }) : body;
}

/** Waits for the response to a request of a method; interim responses are passed over. */
export function* readResponse(
  buffer: ReceiveBuffer,
  method: string,
): sys.Sys<Result<ReceivedResponse, ReadFailure>> {
  for (;;) {
    const text = yield* readHead(buffer);
    if (!text.ok) return text;
    const head = parseResponseHead(text.value);
    if (head === undefined) return err({ kind: 'malformed', text: text.value });
    if (head.status >= 100 && head.status < 200) continue;
    const hasBody = method !== 'HEAD' && head.status !== 204 && head.status !== 304;
    const body = hasBody
      ? yield* readBody(buffer, head.headers, Number.POSITIVE_INFINITY)
      : ok({ body: new Uint8Array(), missingBytes: 0, ended: false });
    if (!body.ok) return body;
    const connection = header(head.headers, 'connection')?.toLowerCase();
    const keepAlive =
      !body.value.ended &&
      (head.version === 'HTTP/1.1' ? connection !== 'close' : connection === 'keep-alive');
    return ok({ ...head, head: text.value, ...body.value, keepAlive });
  }
}

function* readHead(buffer: ReceiveBuffer): sys.Sys<Result<string, ReadFailure>> {
  for (;;) {
    const head = buffer.takeHead();
    if (head !== undefined) return ok(head);
    // A TLS handshake is no text that a line's end could be waited for.
    if (buffer.first === 0x16) return err({ kind: 'malformed', text: '' });
    if (buffer.length > 65_536) return err({ kind: 'malformed', text: '' });
    const more = yield* buffer.more();
    if (!more.ok) return err({ kind: 'errno', errno: more.error });
    if (more.value) continue;
    if (buffer.length === 0) return err({ kind: 'closed', receivedBytes: 0 });
    return err({ kind: 'malformed', text: sys.toText(buffer.take(buffer.length)) });
  }
}

interface Body {
  readonly body: Uint8Array;
  readonly missingBytes: number;
  /** Whether the connection's end was the body's end. */
  readonly ended: boolean;
}

function* readBody(
  buffer: ReceiveBuffer,
  headers: HeaderFields,
  lengthWhenUnknown: number,
): sys.Sys<Result<Body, ReadFailure>> {
  if (header(headers, 'transfer-encoding')?.toLowerCase() === 'chunked') return yield* readChunks(buffer);
  const announced = header(headers, 'content-length');
  const length = announced === undefined ? lengthWhenUnknown : Number.parseInt(announced, 10);
  const wanted = Math.min(Number.isNaN(length) ? 0 : length, maxMessageBytes);
  while (buffer.length < wanted) {
    const more = yield* buffer.more();
    if (!more.ok) return err({ kind: 'errno', errno: more.error });
    if (more.value) continue;
    const missingBytes = Number.isFinite(length) ? wanted - buffer.length : 0;
    return ok({ body: buffer.take(buffer.length), missingBytes, ended: true });
  }
  return ok({ body: buffer.take(wanted), missingBytes: 0, ended: false });
}

function* readChunks(buffer: ReceiveBuffer): sys.Sys<Result<Body, ReadFailure>> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const line = yield* readLine(buffer);
    if (!line.ok) return line;
    const size = Number.parseInt(line.value, 16);
    if (Number.isNaN(size) || total + size > maxMessageBytes)
      return err({ kind: 'malformed', text: line.value });
    while (buffer.length < size + 2) {
      const more = yield* buffer.more();
      if (!more.ok) return err({ kind: 'errno', errno: more.error });
      if (!more.value) return err({ kind: 'closed', receivedBytes: total });
    }
    pieces.push(buffer.take(size));
    total += size;
    buffer.take(2);
    if (size === 0) break;
  }
  return ok({ body: joinBytes(pieces), missingBytes: 0, ended: false });
}

function* readLine(buffer: ReceiveBuffer): sys.Sys<Result<string, ReadFailure>> {
  for (;;) {
    const line = buffer.takeLine();
    if (line !== undefined) return ok(line);
    const more = yield* buffer.more();
    if (!more.ok) return err({ kind: 'errno', errno: more.error });
    if (!more.value) return err({ kind: 'closed', receivedBytes: 0 });
  }
}
