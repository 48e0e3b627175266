/**
 * The server's side of a SPDY/3.1 connection whose client opens all streams, over any transport of bytes. Source: the SPDY
 * protocol, draft 3.1, section 2; github.com/moby/spdystream for what kubectl makes of it.
 *
 * Left out: flow control and priorities, which that library does not ask for, and streams that the server opens.
 */
import type { Duplex } from 'node:stream';
import { constants, inflateRawSync } from 'node:zlib';
import {
  controlFrame,
  dataFrame,
  emptyHeaderBlock,
  type Frame,
  finFlag,
  frameHeadBytes,
  frameTypes,
  headerDictionary,
  numbers,
  parseHeaderBlock,
  payloadBytes,
  readFrame,
} from './spdy-frames.ts';
import { maxUnreadBytes } from './unread.ts';

/** A stream that the client opened. */
export interface SpdyStream {
  readonly headers: ReadonlyMap<string, string>;
  write(bytes: Uint8Array): void;
  /** Ends the server's direction. */
  end(): void;
  /** Names the ones that are told of the client's bytes, and of their end; to be called as soon as the stream is known. */
  listen(onData: (bytes: Buffer) => void, onEnd: () => void): void;
}

/** Who is told of what the client does. */
export interface SpdyHandlers {
  onStream(stream: SpdyStream): void;
  /** The connection is over, whoever ended it. */
  onClose(): void;
}

/** A connection that is being served. */
export interface SpdyConnection {
  close(): void;
}

/** Longer frames than clients write; a connection that sends one is ended. */
const maxPayloadBytes = 4 * 1024 * 1024;
/** Bytes of one stream's headers after they were inflated. */
const maxHeaderBytes = 64 * 1024;
/** Streams open at once. */
const maxStreams = 2_000;
/** How far back deflate may refer. Source: RFC 1951, 2. */
const windowBytes = 32 * 1024;

interface StreamState {
  onData: (bytes: Buffer) => void;
  onEnd: () => void;
  hasClientEnded: boolean;
  hasServerEnded: boolean;
}

/** Serves a connection until one of the two ends it. */
export function serveSpdy(transport: Duplex, handlers: SpdyHandlers): SpdyConnection {
  const streams = new Map<number, StreamState>();
  const inflate = createInflater();
  let hasReplied = false;
  const send = (frame: Buffer): void => {
    if (transport.destroyed || transport.writableEnded) return;
    transport.write(frame);
    if (transport.writableLength > maxUnreadBytes) transport.destroy();
  };

  function openStream(id: number, flags: number, block: Buffer): boolean {
    const inflated = inflate(block);
    const headers = inflated === undefined ? undefined : parseHeaderBlock(inflated);
    if (headers === undefined || streams.has(id) || streams.size >= maxStreams) return false;
    const state: StreamState = {
      onData() {},
      onEnd() {},
      hasClientEnded: false,
      hasServerEnded: false,
    };
    streams.set(id, state);
    send(controlFrame(frameTypes.synReply, 0, Buffer.concat([numbers(id), emptyHeaderBlock(!hasReplied)])));
    hasReplied = true;
    handlers.onStream({
      headers,
      write(bytes) {
        if (bytes.length > 0 && !state.hasServerEnded) send(dataFrame(id, 0, bytes));
      },
      end() {
        if (state.hasServerEnded) return;
        state.hasServerEnded = true;
        send(dataFrame(id, finFlag, new Uint8Array()));
        if (state.hasClientEnded) streams.delete(id);
      },
      listen(onData, onEnd) {
        state.onData = onData;
        state.onEnd = onEnd;
      },
    });
    if ((flags & finFlag) !== 0) endClient(id, state);
    return true;
  }

  function endClient(id: number, state: StreamState): void {
    if (state.hasClientEnded) return;
    state.hasClientEnded = true;
    state.onEnd();
    if (state.hasServerEnded) streams.delete(id);
  }

  /** Takes a frame in; false ends the connection. */
  function take(frame: Frame): boolean {
    const { flags, payload } = frame;
    if (frame.type === 'data') {
      const state = streams.get(frame.streamId);
      if (state === undefined || state.hasClientEnded) return true;
      if (payload.length > 0) state.onData(payload);
      if ((flags & finFlag) !== 0) endClient(frame.streamId, state);
      return true;
    }
    const id = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fff_ffff : 0;
    switch (frame.kind) {
      case frameTypes.synStream:
        return payload.length >= 10 && openStream(id, flags, payload.subarray(10));
      case frameTypes.headers:
        // Nothing in it is wanted, but later blocks refer to it.
        return inflate(payload.subarray(4)) !== undefined;
      case frameTypes.rstStream: {
        const state = streams.get(id);
        if (state !== undefined) {
          state.hasServerEnded = true;
          endClient(id, state);
        }
        return true;
      }
      case frameTypes.ping:
        send(controlFrame(frameTypes.ping, 0, payload));
        return true;
      case frameTypes.goAway:
        return false;
      default:
        return true;
    }
  }

  const close = (): void => {
    if (!transport.destroyed) transport.end();
  };
  readFrames(transport, take)
    // A client that went away, or that broke the protocol: there is nobody to tell.
    .catch(() => {})
    .finally(() => {
      for (const [id, state] of streams) endClient(id, state);
      handlers.onClose();
      close();
    });
  return { close };
}

async function readFrames(transport: Duplex, take: (frame: Frame) => boolean): Promise<void> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of transport) {
    if (!Buffer.isBuffer(chunk)) continue;
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= frameHeadBytes) {
      const end = frameHeadBytes + payloadBytes(pending);
      if (end > maxPayloadBytes) return;
      if (pending.length < end) break;
      const frame = readFrame(pending.subarray(0, frameHeadBytes), pending.subarray(frameHeadBytes, end));
      pending = pending.subarray(end);
      if (!take(frame)) return;
    }
  }
}

/**
 * Inflates header blocks, which are one deflate stream over the whole connection. Each block ends at a byte's border (a
 * sync flush), so it can be inflated by itself, given what came before as its dictionary.
 */
function createInflater(): (block: Buffer) => Buffer | undefined {
  let window: Buffer = headerDictionary();
  /** The head of a zlib stream, and the checksum of its dictionary where the head says that there is one. */
  let headBytes: number | undefined;
  return (block) => {
    headBytes ??= ((block[1] ?? 0) & 0x20) === 0 ? 2 : 6;
    try {
      const inflated = inflateRawSync(block.subarray(headBytes), {
        dictionary: window,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: maxHeaderBytes,
      });
      headBytes = 0;
      window = Buffer.concat([window, inflated]).subarray(-windowBytes);
      return inflated;
    } catch {
      return undefined;
    }
  };
}
