/**
 * How a TCP connection's state follows from the segments that pass, whatever their sequence numbers are: windows are
 * not checked (as with net.netfilter.nf_conntrack_tcp_be_liberal).
 * Source: the transitions and time-outs of nf_conntrack_proto_tcp in Linux, and its documentation
 * (networking/nf_conntrack-sysctl).
 */
import type { TcpHeader } from '../../packet.ts';

/** Which way a packet goes: as the one that opened the connection, or back. */
export type Direction = 'original' | 'reply';

/** The states as `conntrack -L` names them; SYN_SENT2 is a simultaneous open. */
export type TcpState =
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2';

/** What a segment does to a connection: a new state, nothing (`ignore`), or it does not belong to it (`invalid`). */
export type TcpVerdict = TcpState | 'ignore' | 'invalid';

type Segment = 'syn' | 'synAck' | 'fin' | 'ack' | 'rst' | 'none';

/** Seconds until a connection in a state is forgotten. */
export const tcpTimeoutSeconds: Readonly<Record<TcpState, number>> = Object.freeze({
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
});

const closedByReset: TcpVerdict = 'CLOSE';

/** The state that a segment opens a connection with; a plain ACK is taken up in midstream, as by default in Linux. */
export function openTcp(tcp: TcpHeader): TcpState | 'invalid' {
  const segment = segmentOf(tcp);
  if (segment === 'syn') return 'SYN_SENT';
  return segment === 'ack' ? 'ESTABLISHED' : 'invalid';
}

/** What a segment does to a connection in a state. */
export function nextTcpState(state: TcpState, tcp: TcpHeader, direction: Direction): TcpVerdict {
  const segment = segmentOf(tcp);
  switch (segment) {
    case 'rst':
      return closedByReset;
    case 'none':
      return 'invalid';
    case 'syn':
      return direction === 'original' ? afterSyn(state) : afterSynBack(state);
    case 'synAck':
      return direction === 'original' ? afterSynAckForth(state) : afterSynAck(state);
    case 'fin':
      return afterFin(state);
    case 'ack':
      return direction === 'original' ? afterAck(state) : afterAckBack(state);
  }
}

function segmentOf(tcp: TcpHeader): Segment {
  if (tcp.rst) return 'rst';
  if (tcp.syn) return tcp.ack ? 'synAck' : 'syn';
  if (tcp.fin) return 'fin';
  return tcp.ack ? 'ack' : 'none';
}

/** A SYN from the opener: a retry, or a new connection over an old one's remains. */
function afterSyn(state: TcpState): TcpVerdict {
  if (state === 'SYN_SENT' || state === 'TIME_WAIT' || state === 'CLOSE') return 'SYN_SENT';
  return state === 'SYN_SENT2' ? 'SYN_SENT2' : 'ignore';
}

function afterSynBack(state: TcpState): TcpVerdict {
  if (state === 'SYN_SENT' || state === 'SYN_SENT2') return 'SYN_SENT2';
  return state === 'TIME_WAIT' ? 'SYN_SENT' : 'invalid';
}

function afterSynAck(state: TcpState): TcpVerdict {
  return state === 'SYN_SENT' || state === 'SYN_SENT2' ? 'SYN_RECV' : 'ignore';
}

function afterSynAckForth(state: TcpState): TcpVerdict {
  return state === 'SYN_RECV' || state === 'SYN_SENT2' ? 'SYN_RECV' : 'invalid';
}

function afterFin(state: TcpState): TcpVerdict {
  switch (state) {
    case 'SYN_RECV':
    case 'ESTABLISHED':
      return 'FIN_WAIT';
    case 'FIN_WAIT':
    case 'CLOSE_WAIT':
      return 'LAST_ACK';
    case 'LAST_ACK':
    case 'TIME_WAIT':
    case 'CLOSE':
      return state;
    case 'SYN_SENT':
    case 'SYN_SENT2':
      return 'invalid';
  }
}

function afterAck(state: TcpState): TcpVerdict {
  if (state === 'SYN_SENT' || state === 'SYN_SENT2') return 'invalid';
  return state === 'SYN_RECV' ? 'ESTABLISHED' : afterLateAck(state);
}

function afterAckBack(state: TcpState): TcpVerdict {
  return state === 'SYN_SENT' || state === 'SYN_SENT2' ? 'ignore' : afterLateAck(state);
}

function afterLateAck(state: TcpState): TcpVerdict {
  if (state === 'FIN_WAIT') return 'CLOSE_WAIT';
  return state === 'LAST_ACK' ? 'TIME_WAIT' : state;
}
