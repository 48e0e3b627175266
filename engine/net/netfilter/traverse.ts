/**
 * A packet at one hook: the tables and connection tracking in the order in which the kernel calls them there.
 * Source: the hook priorities in linux/netfilter_ipv4.h (raw, conntrack, mangle, dstnat, filter, srcnat, confirm).
 */
import type { Packet } from '../packet.ts';
import type { TableName } from '../trace.ts';
import { rememberInFlight } from './conntrack/connection.ts';
import { applyNat, isNatDone, type NatEnd, setUpNullNat } from './conntrack/nat.ts';
import { confirmPacket, recallPacket, trackPacket } from './conntrack/track.ts';
import { headerOf, runTable, type TableResult } from './evaluate.ts';
import type { HookContext, HookResult } from './netfilter.ts';
import type { NetfilterState } from './state.ts';
import { createView, type PacketView } from './view.ts';

type Step = (view: PacketView, state: NetfilterState) => TableResult;

const table =
  (name: TableName): Step =>
  (view, state) =>
    runTable(state, view, name);

const track: Step = (view) => {
  if (view.connectionState !== 'UNTRACKED') trackPacket(view);
  return 'accept';
};

const recall: Step = (view) => {
  recallPacket(view);
  return 'accept';
};

const confirm: Step = (view) => {
  confirmPacket(view);
  return 'accept';
};

const nat =
  (end: NatEnd): Step =>
  (view, state) =>
    translate(state, view, end);

const steps: Readonly<Record<HookContext['hook'], readonly Step[]>> = Object.freeze({
  PREROUTING: [table('raw'), track, table('mangle'), nat('destination')],
  INPUT: [recall, table('mangle'), table('filter'), nat('source'), confirm],
  FORWARD: [recall, table('mangle'), table('filter')],
  OUTPUT: [table('raw'), track, table('mangle'), nat('destination'), table('filter')],
  POSTROUTING: [recall, table('mangle'), nat('source'), confirm],
});

/**
 * Takes a packet through one hook. Connections, counters and what matches remember change in the state; each rule that
 * matched and has a target, and each address changed without a rule, is told to the context. The caller does the routing
 * between hooks, and answers to a rejected packet.
 */
export function traverse(state: NetfilterState, packet: Packet, context: HookContext): HookResult {
  // A namespace without tables has no hooks registered: nothing is tracked there, as in the kernel.
  if (state.tables.size === 0) return { verdict: 'accept', packet };
  const view = createView(state, packet, context);
  for (const step of steps[context.hook]) {
    const result = step(view, state);
    if (result === 'accept') continue;
    // The answer to a rejected packet still asks for its connection.
    if (result.verdict !== 'reject') state.conntrack.inFlight.delete(packet.id);
    return result;
  }
  if (isLastHook(context)) state.conntrack.inFlight.delete(packet.id);
  return { verdict: 'accept', packet: view.packet };
}

/**
 * Makes the machine's answer to a packet that it could not pass on (an ICMP error or RST) part of that packet's connection,
 * which is in no table yet when it was the first one. Source: nf_ct_attach in Linux net/netfilter/core.c.
 */
export function attachAnswer(state: NetfilterState, refused: Packet, answer: Packet): void {
  const known = state.conntrack.inFlight.get(refused.id);
  if (known?.connection === undefined) return;
  const kind = answer.icmp === undefined ? 'tracked' : 'related';
  const direction = known.direction === 'original' ? 'reply' : 'original';
  rememberInFlight(state.conntrack, answer.id, { kind, connection: known.connection, direction });
}

/** A packet that leaves over the loopback comes back at once, and keeps its connection. */
function isLastHook(context: HookContext): boolean {
  return context.hook === 'INPUT' || (context.hook === 'POSTROUTING' && context.outLink !== 'lo');
}

/** The nat table decides about a connection once, at its first packet; later packets only follow. */
function translate(state: NetfilterState, view: PacketView, end: NatEnd): TableResult {
  const { connection } = view;
  if (connection === undefined || !state.tables.has('nat')) return 'accept';
  const isFirst = view.connectionState === 'NEW' && !isNatDone(connection, end);
  if (isFirst) {
    const result = runTable(state, view, 'nat');
    if (result !== 'accept') return result;
    if (isNatDone(connection, end)) return 'accept';
    setUpNullNat(view, connection, end);
  }
  if (applyNat(view, connection, end) && view.context.isRecording) {
    view.context.record({ step: 'nat', at: view.context.at, header: headerOf(view) });
  }
  return 'accept';
}
