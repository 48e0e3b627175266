/** The system calls that are about sockets. Like every call they are tried, and tried again when their socket is ready. */
import { assertNever } from '../../base/result.ts';
import type { Sockets } from '../stack/sockets.ts';
import type { ProcessState, ThreadState } from './state.ts';
import type { Syscall, SyscallResult } from './syscalls.ts';

/** The calls that this file answers. */
export type SocketCall = Extract<
  Syscall,
  {
    readonly call:
      | 'listen'
      | 'accept'
      | 'connect'
      | 'send'
      | 'receive'
      | 'sendTo'
      | 'receiveFrom'
      | 'poll'
      | 'socketName'
      | 'close'
      | 'ping';
  }
>;

const done: SyscallResult = Object.freeze({ ok: true });

/** The result, or undefined when the call has to wait. */
export function attemptSocketCall(
  sockets: Sockets,
  {
    process,
    thread,
    timeIsUp,
  }: { readonly process: ProcessState; readonly thread: ThreadState; readonly timeIsUp: boolean },
  call: SocketCall,
): SyscallResult | undefined {
  const owner = { netns: process.netns, pid: process.pid };
  const late = timeIsUp ? failed('ETIMEDOUT') : undefined;
  switch (call.call) {
    case 'listen': {
      const { protocol, address, port } = call;
      const socket = sockets.listen({ ...owner, protocol, address, port });
      return socket.ok ? { ok: true, socket: socket.value } : failed(socket.error);
    }
    case 'accept': {
      const accepted = sockets.accept(call.socket);
      if (accepted.ok) return { ok: true, ...accepted.value };
      return accepted.error === 'EAGAIN' ? late : failed(accepted.error);
    }
    case 'connect': {
      if (thread.socket === undefined) {
        const { address, port, sourceAddress } = call;
        const from = sourceAddress === undefined ? {} : { sourceAddress };
        const socket = sockets.connect({ ...owner, address, port, ...from });
        if (!socket.ok) return failed(socket.error);
        thread.socket = socket.value;
      }
      const socket = thread.socket;
      const status = sockets.status(socket);
      if (status.state === 'connecting' && late === undefined) return undefined;
      thread.socket = undefined;
      if (status.state === 'established') return { ok: true, socket };
      sockets.close(socket);
      if (status.state === 'failed') return failed(status.errno);
      return late ?? failed('ECONNRESET');
    }
    case 'send': {
      const sent = sockets.send(call.socket, call.bytes);
      return sent.ok ? done : failed(sent.error);
    }
    case 'receive': {
      const received = sockets.receive(call.socket);
      if (received.ok) return { ok: true, ...received.value };
      return received.error === 'EAGAIN' ? late : failed(received.error);
    }
    case 'sendTo': {
      const { address, port } = call;
      const sent = sockets.sendTo(call.socket, { address, port }, call.bytes);
      return sent.ok ? done : failed(sent.error);
    }
    case 'receiveFrom': {
      const received = sockets.receiveFrom(call.socket);
      if (received.ok) return { ok: true, ...received.value };
      return received.error === 'EAGAIN' ? late : failed(received.error);
    }
    case 'poll': {
      const ready = call.sockets.filter((socket) => sockets.isReadable(socket));
      return ready.length > 0 || timeIsUp ? { ok: true, ready } : undefined;
    }
    case 'socketName': {
      const name = sockets.name(call.socket);
      return name === undefined ? failed('EBADF') : { ok: true, ...name };
    }
    case 'close':
      sockets.close(call.socket);
      return done;
    case 'ping': {
      const { address, ttl, bytes } = call;
      thread.socket ??= sockets.ping({ ...owner, address, ttl, bytes });
      const pong = sockets.pingResult(thread.socket);
      if (pong === undefined && late === undefined) return undefined;
      sockets.close(thread.socket);
      thread.socket = undefined;
      return pong === undefined ? late : { ok: true, pong };
    }
    default:
      return assertNever(call);
  }
}

function failed(errno: Extract<SyscallResult, { readonly ok: false }>['errno']): SyscallResult {
  return { ok: false, errno };
}
