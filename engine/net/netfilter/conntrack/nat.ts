/**
 * Address translation of connections: chosen once, for the first packet, then applied to every packet both ways.
 * Source: the rules of nf_nat_core in Linux: a port is kept where it is free; else one of the same class is taken
 * (below 512, below 1024, above); every connection is made unique, also one that no rule changed.
 */

import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import type { IcmpMessage, Packet, PacketChange } from '../../packet.ts';
import { changePacket, type PacketView } from '../view.ts';
import {
  type Connection,
  changeReply,
  findConnection,
  invertTuple,
  keyOf,
  replyKeyOf,
  type Tuple,
} from './connection.ts';

/** Which end of the tuple is changed: `source` at POSTROUTING and INPUT, `destination` at PREROUTING and OUTPUT. */
export type NatEnd = 'source' | 'destination';

/** What a rule allows the new end to be. */
export interface NatRange {
  readonly addresses: { readonly first: number; readonly last: number } | undefined;
  readonly ports: { readonly first: number; readonly last: number } | undefined;
  /** Do not try to keep the port. */
  readonly random: boolean;
}

/** A range that changes nothing but a port that is taken. */
const anyRange: NatRange = Object.freeze({ addresses: undefined, ports: undefined, random: false });

/** Ports tried before giving up. Source: NF_NAT_MAX_ATTEMPTS in nf_nat_core. */
const maxAttempts = 128;

/** Binds one end of a new connection to a range, as a rule asks, and changes the packet accordingly. */
export function setUpNat(view: PacketView, connection: Connection, end: NatEnd, range: NatRange): void {
  const { reply, key } = chooseReply(view, connection, end, range);
  if (!isSameTuple(reply, connection.reply)) {
    changeReply(connection, reply, key);
    if (end === 'source') connection.sourceNat = true;
    else connection.destinationNat = true;
  }
  markDone(connection, end);
}

function isSameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort
  );
}

/** Binds one end as it is, since no rule asked for a change. */
export function setUpNullNat(view: PacketView, connection: Connection, end: NatEnd): void {
  if (!isTaken(view, connection, replyKeyOf(connection))) markDone(connection, end);
  else setUpNat(view, connection, end, anyRange);
}

/** Whether the nat table was asked about this end of the connection. */
export function isNatDone(connection: Connection, end: NatEnd): boolean {
  return end === 'source' ? connection.sourceNatDone : connection.destinationNatDone;
}

function markDone(connection: Connection, end: NatEnd): void {
  if (end === 'source') connection.sourceNatDone = true;
  else connection.destinationNatDone = true;
}

/** How a connection is answered when one of its ends is translated. */
interface Choice {
  readonly reply: Tuple;
  readonly key: string;
}

function choiceOf(tuple: Tuple): Choice {
  const reply = invertTuple(tuple);
  return { reply, key: keyOf(reply) };
}

function chooseReply(view: PacketView, connection: Connection, end: NatEnd, range: NatRange): Choice {
  const current = invertTuple(connection.reply);
  const moved = withAddress(current, end, chooseAddress(current, end, range));
  const port = end === 'source' ? moved.sourcePort : moved.destinationPort;
  const isPortAllowed = range.ports === undefined || (port >= range.ports.first && port <= range.ports.last);
  if (!range.random && isPortAllowed) {
    const kept = choiceOf(moved);
    if (!isTaken(view, connection, kept.key)) return kept;
  }
  const ports = range.ports ?? portClass(moved, end);
  if (ports === undefined) return choiceOf(moved);
  const size = ports.last - ports.first + 1;
  const offset = size === 1 ? 0 : view.context.random.below(size);
  let attempt = 0;
  for (;;) {
    const choice = choiceOf(withPort(moved, end, ports.first + ((offset + attempt) % size)));
    attempt += 1;
    if (attempt >= Math.min(size, maxAttempts) || !isTaken(view, connection, choice.key)) return choice;
  }
}

function chooseAddress(current: Tuple, end: NatEnd, range: NatRange): string {
  const now = end === 'source' ? current.source : current.destination;
  if (range.addresses === undefined) return now;
  const { first, last } = range.addresses;
  const size = last - first + 1;
  if (size <= 1) return formatIPv4(first);
  const address = parseIPv4(now) ?? 0;
  if (end === 'source' && address >= first && address <= last) return now;
  return formatIPv4((first + (flowHash(current) % size)) >>> 0);
}

/** Spreads connections over a range so that one pair of machines always gets the same address: FNV-1a. */
function flowHash(tuple: Tuple): number {
  let hash = 0x811c9dc5;
  for (const part of [parseIPv4(tuple.source) ?? 0, parseIPv4(tuple.destination) ?? 0]) {
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((part >>> shift) & 255), 0x01000193);
  }
  return hash >>> 0;
}

/** The ports that may stand in for one that is taken; a destination's port is not changed without a range. */
function portClass(tuple: Tuple, end: NatEnd): { readonly first: number; readonly last: number } | undefined {
  if (tuple.protocol === 'icmp') return { first: 0, last: 65535 };
  if (end === 'destination') return undefined;
  if (tuple.sourcePort < 512) return { first: 1, last: 511 };
  return tuple.sourcePort < 1024 ? { first: 600, last: 1023 } : { first: 1024, last: 65535 };
}

/** Whether answers with this key belong to another connection. */
function isTaken(view: PacketView, connection: Connection, replyKey: string): boolean {
  const other = findConnection(view.conntrack, replyKey, view.context.nowMs);
  return other !== undefined && other !== connection;
}

function withAddress(tuple: Tuple, end: NatEnd, address: string): Tuple {
  const { protocol, source, sourcePort, destination, destinationPort } = tuple;
  if ((end === 'source' ? source : destination) === address) return tuple;
  return end === 'source'
    ? { protocol, source: address, sourcePort, destination, destinationPort }
    : { protocol, source, sourcePort, destination: address, destinationPort };
}

/** For icmp the only port there is, the identifier, stands at the source. */
function withPort(tuple: Tuple, end: NatEnd, port: number): Tuple {
  const { protocol, source, sourcePort, destination, destinationPort } = tuple;
  return end === 'source' || protocol === 'icmp'
    ? { protocol, source, sourcePort: port, destination, destinationPort }
    : { protocol, source, sourcePort, destination, destinationPort: port };
}

/** Changes the packet at one end as its connection's NAT says; returns whether anything changed. */
export function applyNat(view: PacketView, connection: Connection, end: NatEnd): boolean {
  if (!hasNatAt(connection, view.direction, end)) return false;
  const before = view.packet;
  const other = view.direction === 'original' ? connection.reply : connection.original;
  const wanted = invertTuple(other);
  if (view.connectionState === 'RELATED') translateError(view, other, wanted, end);
  else if (before.protocol === 'icmp') translateEcho(view, wanted, end);
  else if (end === 'source') changePacket(view, { source: wanted.source, sourcePort: wanted.sourcePort });
  else {
    changePacket(view, { destination: wanted.destination, destinationPort: wanted.destinationPort });
  }
  return isChanged(before, view.packet);
}

/** Source NAT is undone on the destination of replies, and destination NAT on their source. */
function hasNatAt(connection: Connection, direction: PacketView['direction'], end: NatEnd): boolean {
  const isSourceNat = (end === 'source') === (direction === 'original');
  return isSourceNat ? connection.sourceNat : connection.destinationNat;
}

/** An echo has no ports: its identifier stands in their place, at whichever end. */
function translateEcho(view: PacketView, wanted: Tuple, end: NatEnd): void {
  const { icmp } = view.packet;
  const moved = end === 'source' ? { source: wanted.source } : { destination: wanted.destination };
  const isEcho = icmp !== undefined && 'identifier' in icmp;
  const change: PacketChange = isEcho
    ? { ...moved, icmp: { ...icmp, identifier: wanted.sourcePort } }
    : moved;
  changePacket(view, change);
}

/** An ICMP error is changed twice: its own address, and the opposite end of the header that it quotes. */
function translateError(view: PacketView, other: Tuple, wanted: Tuple, end: NatEnd): void {
  const { packet } = view;
  const { icmp } = packet;
  if (icmp === undefined || !('quoted' in icmp)) return;
  const quoted =
    end === 'source'
      ? { ...icmp.quoted, destination: other.destination, destinationPort: other.destinationPort }
      : { ...icmp.quoted, source: other.source, sourcePort: other.sourcePort };
  const translated: IcmpMessage = { ...icmp, quoted };
  const moved = end === 'source' ? { source: wanted.source } : { destination: wanted.destination };
  changePacket(view, { ...moved, icmp: translated });
}

function isChanged(before: Packet, after: Packet): boolean {
  return (
    before.source !== after.source ||
    before.sourcePort !== after.sourcePort ||
    before.destination !== after.destination ||
    before.destinationPort !== after.destinationPort
  );
}
