/** The loop of every server over UDP. */
import type { JsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { SocketAddress } from '../../net/process/syscalls.ts';

/** Who sent a datagram, and what. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly peer: SocketAddress;
}

/**
 * Answers datagrams for ever; where the answer is undefined nothing goes back. The thread goes on after a fork at
 * `{ at: 'udp', socket }` with what is `kept` beside it.
 */
export function* serveDatagrams(
  socket: number,
  answer: (datagram: Datagram) => sys.Sys<Uint8Array | undefined>,
  kept: JsonObject = {},
): sys.Sys<never> {
  for (;;) {
    yield* sys.checkpoint({ at: 'udp', socket, ...kept });
    const received = yield* sys.receiveFrom(socket);
    if (!received.ok) continue;
    const reply = yield* answer(received.value);
    const { address, port } = received.value.peer;
    if (reply !== undefined) yield* sys.sendTo(socket, address, port, reply);
  }
}
