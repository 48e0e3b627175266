/** What HTTP is spoken over: a TCP connection as it is, or what another protocol carries over one. */
import type { Result } from '../../base/result.ts';
import type { Errno } from '../../net/process/errno.ts';
import * as sys from '../../net/process/sys.ts';

/** Bytes in both directions. It lives as long as the generator that made it. */
export interface ByteStream {
  /** Waits for bytes; `undefined` at their end. */
  receive(timeoutMs?: number): sys.Sys<Result<Uint8Array | undefined, Errno>>;
  send(bytes: Uint8Array): sys.Sys<Result<void, Errno>>;
}

/** The bytes of a TCP connection. */
export function socketStream(socket: number): ByteStream {
  return {
    receive: (timeoutMs) => sys.receive(socket, timeoutMs),
    send: (bytes) => sys.send(socket, bytes),
  };
}
