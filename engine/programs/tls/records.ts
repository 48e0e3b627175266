/**
 * TLS records and the handshake messages that say something to a learner: who is asked for (SNI), which protocols are
 * offered (ALPN), which certificates are shown, and the alert that ends it. Layouts are those of TLS 1.3.
 * Differs: nothing is encrypted or signed. There are no keys, so who holds a certificate may use it, and a packet capture
 * would show what a real one hides. Source: RFC 8446, sections 4 to 6; RFC 6066, section 3; RFC 7301.
 */
import { joinBytes } from '../../net/process/bytes.ts';

/** Content types of records. Source: RFC 8446, section 5.1. */
export const contentTypes = { alert: 21, handshake: 22, applicationData: 23 } as const;

/** Alerts that are sent. Source: RFC 8446, section 6. */
export const alerts = {
  closeNotify: 0,
  handshakeFailure: 40,
  badCertificate: 42,
  certificateExpired: 45,
  unknownCa: 48,
  internalError: 80,
  unrecognizedName: 112,
  noApplicationProtocol: 120,
} as const;

/** Types of handshake messages. Source: RFC 8446, section 4. */
export const handshakeTypes = {
  clientHello: 1,
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  finished: 20,
} as const;

/** What a client asks for. */
export interface ClientHello {
  /** The name of the server, unless it was asked for by its address. */
  readonly serverName?: string;
  /** Protocols that may follow, the preferred one first. */
  readonly alpn: readonly string[];
}

/** Bytes of one record at most. Source: RFC 8446, section 5.1. */
export const maxRecordBytes = 16_384;

const legacyVersion = 0x0303;
const tls13 = 0x0304;
const extensionTypes = { serverName: 0, alpn: 16, supportedVersions: 43 } as const;

/** One record. */
export function encodeRecord(type: number, bytes: Uint8Array): Uint8Array {
  return joinBytes([Uint8Array.of(type), uint16(legacyVersion), vector(2, bytes)]);
}

/** An alert that ends the connection, as a record. */
export function encodeAlert(description: number): Uint8Array {
  const isFatal = description !== alerts.closeNotify;
  return encodeRecord(contentTypes.alert, Uint8Array.of(isFatal ? 2 : 1, description));
}

/** The first record of a client. `random` is 32 bytes. */
export function encodeClientHello({ serverName, alpn }: ClientHello, random: Uint8Array): Uint8Array {
  const extensions: Uint8Array[] = [];
  if (serverName !== undefined) {
    const entry = joinBytes([Uint8Array.of(0), vector(2, ascii(serverName))]);
    extensions.push(extension(extensionTypes.serverName, vector(2, entry)));
  }
  extensions.push(extension(extensionTypes.supportedVersions, vector(1, uint16(tls13))));
  if (alpn.length > 0) extensions.push(extension(extensionTypes.alpn, protocolList(alpn)));
  const cipherSuites = uint16(0x1301);
  const body = joinBytes([
    uint16(legacyVersion),
    random.slice(0, 32),
    vector(1, new Uint8Array()),
    vector(2, cipherSuites),
    vector(1, Uint8Array.of(0)),
    vector(2, joinBytes(extensions)),
  ]);
  return encodeRecord(contentTypes.handshake, handshake(handshakeTypes.clientHello, body));
}

/** What a handshake message asks for, or undefined when it is no ClientHello. */
export function decodeClientHello(message: Uint8Array): ClientHello | undefined {
  const reader = new ByteReader(message);
  if (reader.number(1) !== handshakeTypes.clientHello) return undefined;
  const body = new ByteReader(reader.vector(3));
  body.take(34);
  body.vector(1);
  body.vector(2);
  body.vector(1);
  const extensions = new ByteReader(body.vector(2));
  let serverName: string | undefined;
  let alpn: readonly string[] = [];
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = new ByteReader(extensions.vector(2));
    if (type === extensionTypes.serverName) {
      const entry = new ByteReader(data.vector(2));
      if (entry.number(1) === 0) serverName = text(entry.vector(2));
    } else if (type === extensionTypes.alpn) alpn = readProtocols(data);
  }
  if (body.isBroken || extensions.isBroken) return undefined;
  return { ...(serverName === undefined ? {} : { serverName }), alpn };
}

/** What a server answers: ServerHello, EncryptedExtensions, Certificate, Finished, each in a record of its own. */
export function encodeServerFlight(
  certificates: readonly Uint8Array[],
  protocol: string | undefined,
  random: Uint8Array,
): Uint8Array {
  const versions = extension(extensionTypes.supportedVersions, uint16(tls13));
  const hello = joinBytes([
    uint16(legacyVersion),
    random.slice(0, 32),
    vector(1, new Uint8Array()),
    uint16(0x1301),
    Uint8Array.of(0),
    vector(2, versions),
  ]);
  const chosen =
    protocol === undefined ? new Uint8Array() : extension(extensionTypes.alpn, protocolList([protocol]));
  const entries = certificates.map((bytes) => joinBytes([vector(3, bytes), uint16(0)]));
  const messages = [
    handshake(handshakeTypes.serverHello, hello),
    handshake(handshakeTypes.encryptedExtensions, vector(2, chosen)),
    handshake(
      handshakeTypes.certificate,
      joinBytes([vector(1, new Uint8Array()), vector(3, joinBytes(entries))]),
    ),
    encodeFinished(),
  ];
  const records = messages.flatMap((message) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < message.length; at += maxRecordBytes) {
      pieces.push(encodeRecord(contentTypes.handshake, message.subarray(at, at + maxRecordBytes)));
    }
    return pieces;
  });
  return joinBytes(records);
}

/** The message that ends a side's handshake. */
export function encodeFinished(): Uint8Array {
  return handshake(handshakeTypes.finished, new Uint8Array());
}

/** One handshake message without its frame. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Takes whole messages off the front of bytes; what is left belongs to the next record. */
export function splitHandshake(bytes: Uint8Array): {
  readonly messages: readonly HandshakeMessage[];
  readonly rest: Uint8Array;
} {
  const messages: HandshakeMessage[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (bytes.length - at < 4 + length) break;
    messages.push({ type: bytes[at] ?? 0, body: bytes.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return { messages, rest: bytes.slice(at) };
}

/** The certificates of a Certificate message, in DER, the server's own first. */
export function decodeCertificates(body: Uint8Array): readonly Uint8Array[] {
  const reader = new ByteReader(body);
  reader.vector(1);
  const list = new ByteReader(reader.vector(3));
  const found: Uint8Array[] = [];
  while (!list.isAtEnd) {
    found.push(list.vector(3));
    list.vector(2);
  }
  return list.isBroken ? [] : found;
}

/** The protocol that EncryptedExtensions names. */
export function decodeProtocol(body: Uint8Array): string | undefined {
  const extensions = new ByteReader(new ByteReader(body).vector(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = new ByteReader(extensions.vector(2));
    if (type === extensionTypes.alpn) return readProtocols(data)[0];
  }
  return undefined;
}

function handshake(type: number, body: Uint8Array): Uint8Array {
  return joinBytes([Uint8Array.of(type), vector(3, body)]);
}

function extension(type: number, data: Uint8Array): Uint8Array {
  return joinBytes([uint16(type), vector(2, data)]);
}

function protocolList(names: readonly string[]): Uint8Array {
  return vector(2, joinBytes(names.map((name) => vector(1, ascii(name)))));
}

function readProtocols(data: ByteReader): readonly string[] {
  const list = new ByteReader(data.vector(2));
  const names: string[] = [];
  while (!list.isAtEnd) names.push(text(list.vector(1)));
  return names;
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** Bytes behind their length, which itself has `size` bytes. */
function vector(size: 1 | 2 | 3, bytes: Uint8Array): Uint8Array {
  const length = [bytes.length >> 16, (bytes.length >> 8) & 0xff, bytes.length & 0xff].slice(3 - size);
  return joinBytes([Uint8Array.from(length), bytes]);
}

function ascii(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Reads what may be cut short or wrong: past the end there is nothing, and it says so. */
class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.isBroken || this.#at >= this.#bytes.length;
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) this.isBroken = true;
    const taken = this.isBroken ? new Uint8Array() : this.#bytes.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  number(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(size: number): Uint8Array {
    return this.take(this.number(size));
  }
}
