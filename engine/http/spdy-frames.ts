/**
 * SPDY/3.1 frames as bytes: what kubectl's streams travel in, older ones directly, newer ones inside a WebSocket. Source:
 * the SPDY protocol, draft 3.1, sections 2.2 and 2.6.
 *
 * Header blocks are sent as stored deflate blocks, which every inflater reads: nothing is gained by making them smaller.
 */

/** Types of control frames. */
export const frameTypes = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const;

/** Flags of frames that end a stream's one direction. */
export const finFlag = 1;

/** A frame as it came. */
export type Frame =
  | { readonly type: 'data'; readonly streamId: number; readonly flags: number; readonly payload: Buffer }
  | { readonly type: 'control'; readonly kind: number; readonly flags: number; readonly payload: Buffer };

/** Bytes of every frame's head. */
export const frameHeadBytes = 8;
const versionBits = 0x8003_0000;

/** How many bytes follow a frame's head. */
export function payloadBytes(head: Buffer): number {
  return head.readUInt32BE(4) & 0xff_ffff;
}

/** Puts a head and its payload together. */
export function readFrame(head: Buffer, payload: Buffer): Frame {
  const first = head.readUInt32BE(0);
  const flags = head.readUInt8(4);
  if (first < 0x8000_0000) return { type: 'data', streamId: first, flags, payload };
  return { type: 'control', kind: first & 0xffff, flags, payload };
}

/** A frame with bytes of a stream. */
export function dataFrame(streamId: number, flags: number, payload: Uint8Array): Buffer {
  return Buffer.concat([numbers(streamId, flags * 0x100_0000 + payload.length), payload]);
}

/** Any other frame. */
export function controlFrame(kind: number, flags: number, payload: Uint8Array): Buffer {
  return Buffer.concat([numbers(versionBits + kind, flags * 0x100_0000 + payload.length), payload]);
}

/** Whole numbers of 32 bits, one after the other. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

/** The headers of a stream that begins, out of its inflated block; undefined when the block is broken. */
export function parseHeaderBlock(block: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  let offset = 4;
  const readText = (): string | undefined => {
    if (offset + 4 > block.length) return undefined;
    const length = block.readUInt32BE(offset);
    const end = offset + 4 + length;
    if (end > block.length) return undefined;
    const text = block.toString('utf8', offset + 4, end);
    offset = end;
    return text;
  };
  const count = block.length < 4 ? 0 : block.readUInt32BE(0);
  for (let index = 0; index < count; index += 1) {
    const name = readText();
    const value = readText();
    if (name === undefined || value === undefined) return undefined;
    headers.set(name.toLowerCase(), value.split('\0', 1)[0] ?? '');
  }
  return headers;
}

const zlibHead = Buffer.of(0x78, 0x01);
/** The block without a single header, which is all that a server has to say. */
const emptyBlock = numbers(0);

/** A stored block without a byte: what a flush leaves behind, and what makes Go's inflater hand out what it has. */
const flushMark = Buffer.of(0, 0, 0, 0xff, 0xff);

/** An empty header block for a connection's one deflate stream, whose first block begins with the stream's own head. */
export function emptyHeaderBlock(isFirst: boolean): Buffer {
  const { length } = emptyBlock;
  const storedHead = Buffer.of(0, length, 0, ~length & 0xff, 0xff);
  return Buffer.concat([...(isFirst ? [zlibHead] : []), storedHead, emptyBlock, flushMark]);
}

const headerNames =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status';

const commonTexts =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative ' +
  'Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal ' +
  'Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, ' +
  'Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,' +
  'application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-' +
  '1,utf-,*,enq=0.';

/** What every header block's inflater starts from. Source: draft 3.1, section 2.6.10.1. */
export function headerDictionary(): Buffer {
  const named = [...headerNames.split(' '), '200 OK', 'version', 'HTTP/1.1', 'url', 'public', 'set-cookie'];
  const worded = [...named, 'keep-alive', 'origin'].flatMap((word) => [
    numbers(word.length),
    Buffer.from(word, 'latin1'),
  ]);
  return Buffer.concat([...worded, Buffer.from(commonTexts, 'latin1')]);
}
