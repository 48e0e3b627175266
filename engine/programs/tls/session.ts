/** Both sides of a TLS handshake over a connection, and the bytes that are carried after it. See {@link ./records.ts}. */
import { err, ok, type Result } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';
import type { ByteStream } from '../http/stream.ts';
import {
  alerts,
  type ClientHello,
  contentTypes,
  decodeCertificates,
  decodeClientHello,
  decodeProtocol,
  encodeAlert,
  encodeClientHello,
  encodeFinished,
  encodeRecord,
  encodeServerFlight,
  handshakeTypes,
  maxRecordBytes,
  splitHandshake,
} from './records.ts';

/** Why there is no session. */
export type TlsFailure =
  | { readonly kind: 'errno'; readonly errno: Errno }
  /** The other side ended the connection. */
  | { readonly kind: 'closed' }
  /** The other side speaks something else: what it sent. */
  | { readonly kind: 'not-tls'; readonly bytes: Uint8Array }
  /** The other side gave up, with this alert. */
  | { readonly kind: 'alert'; readonly description: number };

/** A client's session. */
export interface ClientSession {
  readonly stream: ByteStream;
  /** What the server showed, in DER, its own first. */
  readonly certificates: readonly Uint8Array[];
  /** The protocol that the server chose. */
  readonly protocol?: string;
}

/** A server's session. */
export interface ServerSession {
  readonly stream: ByteStream;
  readonly hello: ClientHello;
}

/**
 * A client's handshake. `judge` looks at the certificates; what it returns is the alert that the server is told before the
 * connection ends, and the caller's own failure.
 */
export function* connectTls<E>(
  socket: number,
  hello: ClientHello,
  judge: (certificates: readonly Uint8Array[]) => sys.Sys<Result<void, { alert: number; failure: E }>>,
  deadlineMs?: number,
): sys.Sys<Result<ClientSession, TlsFailure | { readonly kind: 'judged'; readonly failure: E }>> {
  const records = new RecordReader(socket, deadlineMs);
  const sent = yield* sys.send(socket, encodeClientHello(hello, yield* randomBytes()));
  if (!sent.ok) return err({ kind: 'errno', errno: sent.error });
  let pending: Uint8Array = new Uint8Array();
  let certificates: readonly Uint8Array[] = [];
  let protocol: string | undefined;
  for (let isFinished = false; !isFinished; ) {
    const record = yield* records.next();
    if (!record.ok) return record;
    if (record.value.type !== contentTypes.handshake)
      return err({ kind: 'not-tls', bytes: record.value.bytes });
    const { messages, rest } = splitHandshake(joinBytes([pending, record.value.bytes]));
    pending = rest;
    for (const { type, body } of messages) {
      if (type === handshakeTypes.certificate) certificates = decodeCertificates(body);
      if (type === handshakeTypes.encryptedExtensions) protocol = decodeProtocol(body);
      if (type === handshakeTypes.finished) isFinished = true;
    }
  }
  const judged = yield* judge(certificates);
  if (!judged.ok) {
    yield* sys.send(socket, encodeAlert(judged.error.alert));
    return err({ kind: 'judged', failure: judged.error.failure });
  }
  const finished = yield* sys.send(socket, encodeRecord(contentTypes.handshake, encodeFinished()));
  if (!finished.ok) return err({ kind: 'errno', errno: finished.error });
  return ok({
    stream: streamOver(socket, records),
    certificates,
    ...(protocol === undefined ? {} : { protocol }),
  });
}

/** The judge of who takes any certificate. */
// biome-ignore lint/correctness/useYield: a judge may ask the system; this one need not.
export function* takeAnyCertificate(): sys.Sys<Result<void, never>> {
  return ok(undefined);
}

/** A ClientHello as it arrived: who passes a connection on unopened sends the same bytes. */
export interface ReceivedHello {
  readonly hello: ClientHello;
  readonly bytes: Uint8Array;
}

/** Waits for a client's first message. */
export function* readClientHello(
  socket: number,
  deadlineMs?: number,
): sys.Sys<Result<ReceivedHello, TlsFailure>> {
  return yield* readHello(new RecordReader(socket, deadlineMs));
}

/**
 * A server's handshake. `choose` is told what the client asks for and gives the certificates in DER, its own first, or the
 * alert with which it is refused. `http/1.1` is chosen when it is offered.
 */
export function* acceptTls(
  socket: number,
  choose: (hello: ClientHello) => sys.Sys<Result<readonly Uint8Array[], number>>,
  deadlineMs?: number,
): sys.Sys<Result<ServerSession, TlsFailure>> {
  const records = new RecordReader(socket, deadlineMs);
  const received = yield* readHello(records);
  if (!received.ok) return received;
  const { hello } = received.value;
  const chosen = yield* choose(hello);
  if (!chosen.ok) {
    yield* sys.send(socket, encodeAlert(chosen.error));
    return err({ kind: 'alert', description: chosen.error });
  }
  return yield* finishHandshake(socket, records, hello, chosen.value);
}

/** A server's handshake with a client whose first message was read already; see {@link acceptTls}. */
export function* answerTls(
  socket: number,
  { hello }: ReceivedHello,
  certificates: readonly Uint8Array[],
  deadlineMs?: number,
): sys.Sys<Result<ServerSession, TlsFailure>> {
  return yield* finishHandshake(socket, new RecordReader(socket, deadlineMs), hello, certificates);
}

function* finishHandshake(
  socket: number,
  records: RecordReader,
  hello: ClientHello,
  certificates: readonly Uint8Array[],
): sys.Sys<Result<ServerSession, TlsFailure>> {
  const protocol = hello.alpn.includes('http/1.1') ? 'http/1.1' : undefined;
  const flight = encodeServerFlight(certificates, protocol, yield* randomBytes());
  const sent = yield* sys.send(socket, flight);
  if (!sent.ok) return err({ kind: 'errno', errno: sent.error });
  const answer = yield* records.next();
  if (!answer.ok) return answer;
  return ok({ stream: streamOver(socket, records), hello });
}

function* readHello(records: RecordReader): sys.Sys<Result<ReceivedHello, TlsFailure>> {
  const record = yield* records.next();
  if (!record.ok) return record;
  const hello =
    record.value.type === contentTypes.handshake ? decodeClientHello(record.value.bytes) : undefined;
  if (hello === undefined) return err({ kind: 'not-tls', bytes: record.value.bytes });
  return ok({ hello, bytes: encodeRecord(contentTypes.handshake, record.value.bytes) });
}

function streamOver(socket: number, records: RecordReader): ByteStream {
  return {
    *receive(timeoutMs) {
      records.deadlineMs = timeoutMs === undefined ? undefined : (yield* sys.now()) + timeoutMs;
      const record = yield* records.next();
      if (record.ok) {
        return ok(record.value.type === contentTypes.applicationData ? record.value.bytes : undefined);
      }
      const { error } = record;
      if (error.kind === 'errno') return err(error.errno);
      return error.kind === 'not-tls' ? err('EPIPE') : ok(undefined);
    },
    *send(bytes) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += maxRecordBytes) {
        pieces.push(encodeRecord(contentTypes.applicationData, bytes.subarray(at, at + maxRecordBytes)));
      }
      return yield* sys.send(socket, joinBytes(pieces));
    },
  };
}

/** 32 bytes that differ from handshake to handshake. */
function* randomBytes(): sys.Sys<Uint8Array> {
  const bytes = new Uint8Array(32);
  const chance = yield* sys.random();
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(chance * 256 ** ((at % 6) + 1)) & 0xff;
  return bytes;
}

interface PlainRecord {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Takes a connection's bytes apart into records. An alert is the end. */
class RecordReader {
  readonly #socket: number;
  #bytes: Uint8Array = new Uint8Array();
  deadlineMs: number | undefined;

  constructor(socket: number, deadlineMs?: number) {
    this.#socket = socket;
    this.deadlineMs = deadlineMs;
  }

  *next(): sys.Sys<Result<PlainRecord, TlsFailure>> {
    for (;;) {
      const bytes = this.#bytes;
      const [type = 0, major = 3] = bytes;
      if (bytes.length > 0 && (type < 20 || type > 23 || major !== 3)) return err({ kind: 'not-tls', bytes });
      const length = ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0);
      if (bytes.length >= 5 && length > maxRecordBytes) return err({ kind: 'not-tls', bytes });
      if (bytes.length >= 5 && bytes.length >= 5 + length) {
        this.#bytes = bytes.slice(5 + length);
        const content = bytes.slice(5, 5 + length);
        if (type !== contentTypes.alert) return ok({ type, bytes: content });
        const description = content[1] ?? 0;
        return err(description === alerts.closeNotify ? { kind: 'closed' } : { kind: 'alert', description });
      }
      let timeoutMs: number | undefined;
      if (this.deadlineMs !== undefined) timeoutMs = Math.max(0, this.deadlineMs - (yield* sys.now()));
      const received = yield* sys.receive(this.#socket, timeoutMs);
      if (!received.ok) return err({ kind: 'errno', errno: received.error });
      if (received.value === undefined) return err({ kind: 'closed' });
      this.#bytes = joinBytes([this.#bytes, received.value]);
    }
  }
}
