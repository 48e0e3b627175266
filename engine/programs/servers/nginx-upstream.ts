/**
 * nginx's groups of servers: their parameters, and whose turn it is, by smooth weighted round robin with servers that fail
 * left out for a while. Connections are threads that share nothing but files, so the counts stand in one.
 * Left out: several workers, each of which counts by itself; `zone`, `least_conn`, `hash`, `keepalive`, `slow_start`.
 * Source: ngx_http_upstream_module, `server`; ngx_http_upstream_round_robin.c for what counts as a failure.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';

/** A server of a group, or an address of one. */
export type NginxPeer = {
  /** `host:port`; once it is resolved, `a.b.c.d:port`. */
  readonly at: string;
  readonly weight: number;
  /** So many failures within {@link failTimeoutMs} put it aside for as long; 0 never does. */
  readonly maxFails: number;
  readonly failTimeoutMs: number;
  readonly isBackup: boolean;
};

/** A server without parameters. */
export function plainPeer(at: string): NginxPeer {
  return { at, weight: 1, maxFails: 1, failTimeoutMs: 10_000, isBackup: false };
}

/** A directive in an `upstream` block, with where it stands. */
interface Line {
  readonly name: string;
  readonly args: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** The servers of an `upstream` block, without those that are marked as down. */
export function readPeers(block: readonly Line[]): Result<readonly NginxPeer[], string> {
  const peers: NginxPeer[] = [];
  for (const { args, file, line } of block.filter(({ name }) => name === 'server')) {
    const [at = '', ...parameters] = args;
    let peer = plainPeer(at);
    for (const parameter of parameters) {
      const [key = '', value = ''] = parameter.split('=');
      const count = /^\d{1,6}$/.test(value) ? Number(value) : undefined;
      const timeMs = readTimeMs(value);
      if (key === 'weight' && count !== undefined && count > 0) peer = { ...peer, weight: count };
      else if (key === 'max_fails' && count !== undefined) peer = { ...peer, maxFails: count };
      else if (key === 'fail_timeout' && timeMs !== undefined) peer = { ...peer, failTimeoutMs: timeMs };
      else if (parameter === 'backup') peer = { ...peer, isBackup: true };
      else if (parameter !== 'down' && !/^(max_conns|resolve|slow_start)(=|$)/.test(parameter))
        return err(`invalid parameter "${parameter}" in ${file}:${line}`);
    }
    if (!parameters.includes('down')) peers.push(peer);
  }
  return ok(peers);
}

/** A time as nginx writes it: `500ms`, `5s`, `1m`, or seconds. */
export function readTimeMs(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|)$/.exec(text);
  if (match === null) return undefined;
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, m: 60_000, h: 3_600_000 };
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1000);
}

type PeerState = {
  /** How far it is ahead of its share. */
  readonly current: number;
  readonly fails: number;
  readonly accessedMs: number;
  readonly checkedMs: number;
};

const fresh: PeerState = { current: 0, fails: 0, accessedMs: Number.MIN_SAFE_INTEGER, checkedMs: 0 };

/** The next server's turn, or undefined when there is none left. `tried` has those that this request asked already. */
export function* takePeer(
  group: string,
  peers: readonly NginxPeer[],
  tried: ReadonlySet<string>,
): sys.Sys<NginxPeer | undefined> {
  if (peers.length === 1) return peers.find(({ at }) => !tried.has(at));
  const nowMs = yield* sys.now();
  const states = yield* readStates(group);
  const stateOf = ({ at }: NginxPeer) => states.get(at) ?? fresh;
  const isLive = (peer: NginxPeer) => {
    const { fails, checkedMs } = stateOf(peer);
    return peer.maxFails === 0 || fails < peer.maxFails || nowMs - checkedMs > peer.failTimeoutMs;
  };
  const open = peers.filter((peer) => !tried.has(peer.at) && isLive(peer));
  const candidates = open.some(({ isBackup }) => !isBackup) ? open.filter(({ isBackup }) => !isBackup) : open;
  let best: NginxPeer | undefined;
  for (const peer of candidates) {
    states.set(peer.at, { ...stateOf(peer), current: stateOf(peer).current + peer.weight });
    if (best === undefined || stateOf(peer).current > stateOf(best).current) best = peer;
  }
  if (best === undefined) return undefined;
  const state = stateOf(best);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const checkedMs = nowMs - state.checkedMs > best.failTimeoutMs ? nowMs : state.checkedMs;
  states.set(best.at, { ...state, current: state.current - total, checkedMs });
  yield* writeStates(group, states);
  return best;
}

/** Counts how a server did; true when it is put aside now. */
export function* countOutcome(
  group: string,
  peers: readonly NginxPeer[],
  peer: NginxPeer,
  hasFailed: boolean,
): sys.Sys<boolean> {
  if (peers.length === 1) return false;
  const states = yield* readStates(group);
  const state = states.get(peer.at) ?? fresh;
  const nowMs = yield* sys.now();
  if (hasFailed) {
    states.set(peer.at, { ...state, fails: state.fails + 1, accessedMs: nowMs, checkedMs: nowMs });
    yield* writeStates(group, states);
    return peer.maxFails > 0 && state.fails + 1 >= peer.maxFails;
  }
  if (state.fails > 0 && state.accessedMs < state.checkedMs) {
    states.set(peer.at, { ...state, fails: 0 });
    yield* writeStates(group, states);
  }
  return false;
}

/** What a file of nginx's own holds, or undefined when it is missing or somebody else wrote into it. */
export function* readJsonFile(path: string): sys.Sys<JsonValue | undefined> {
  const text = yield* sys.readFile(path);
  if (!text.ok) return undefined;
  try {
    return JSON.parse(sys.toText(text.value));
  } catch {
    return undefined;
  }
}

function fileOf(group: string): string {
  return `/run/nginx-upstream-${group.replace(/[^A-Za-z0-9._-]/g, '_')}`;
}

function* readStates(group: string): sys.Sys<Map<string, PeerState>> {
  const states = yield* readJsonFile(fileOf(group));
  if (!isJsonObject(states)) return new Map();
  return new Map(
    Object.entries(states).flatMap(([at, state]) =>
      isJsonObject(state) ? [[at, readState(state)] as const] : [],
    ),
  );
}

function readState({ current, fails, accessedMs, checkedMs }: JsonObject): PeerState {
  return {
    current: Number(current),
    fails: Number(fails),
    accessedMs: Number(accessedMs),
    checkedMs: Number(checkedMs),
  };
}

function* writeStates(group: string, states: ReadonlyMap<string, PeerState>): sys.Sys<void> {
  yield* sys.writeFile(fileOf(group), sys.toBytes(JSON.stringify(Object.fromEntries(states))));
}
