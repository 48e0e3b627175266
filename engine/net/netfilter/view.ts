/** A packet at one hook as rules look at it: numbers instead of text, and the connection it belongs to. */

import { parseIPv4 } from '../ipv4.ts';
import { changedPacket, type Packet, type PacketChange } from '../packet.ts';
import type { Connection, ConntrackState } from './conntrack/connection.ts';
import type { Direction } from './conntrack/tcp-state.ts';
import type { MatchMemory } from './memory.ts';
import type { HookContext } from './netfilter.ts';
import { protocolNumbers } from './protocols.ts';

/** The state of a packet's connection as `ctstate` names it. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** See the head of this file. It lives as long as the packet stays at the hook; NAT and MARK change it. */
export interface PacketView {
  /** What matches remember from packet to packet. */
  readonly memory: MatchMemory;
  readonly conntrack: ConntrackState;
  readonly context: HookContext;
  packet: Packet;
  source: number;
  destination: number;
  readonly protocol: number;
  connectionState: ConnectionState;
  /** Absent for INVALID and UNTRACKED. */
  connection: Connection | undefined;
  direction: Direction;
  /** Rules that may still be tested before the packet counts as looping. */
  rulesLeft: number;
}

/** Looks at a packet that no connection was found for yet. */
export function createView(
  { memory, conntrack }: Pick<PacketView, 'memory' | 'conntrack'>,
  packet: Packet,
  context: HookContext,
): PacketView {
  return {
    memory,
    conntrack,
    context,
    packet,
    source: parseIPv4(packet.source) ?? 0,
    destination: parseIPv4(packet.destination) ?? 0,
    protocol: protocolNumbers[packet.protocol],
    connectionState: 'INVALID',
    connection: undefined,
    direction: 'original',
    rulesLeft: context.maxRules,
  };
}

/** Puts a changed packet in the place of the one that is looked at. */
export function changePacket(view: PacketView, change: PacketChange): void {
  const { source, destination } = view.packet;
  view.packet = changedPacket(view.packet, change);
  if (view.packet.source !== source) view.source = parseIPv4(view.packet.source) ?? 0;
  if (view.packet.destination !== destination) view.destination = parseIPv4(view.packet.destination) ?? 0;
}

/** The length in bytes that counters add up: headers without options, and the payload. */
export function packetLength(packet: Packet): number {
  const transport = packet.protocol === 'tcp' ? 20 : packet.protocol === 'sctp' ? 12 : 8;
  return 20 + transport + packet.payload.length;
}
