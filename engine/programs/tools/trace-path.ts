/** What tools that follow a packet's way have in common: one hop after the other, by echoes that live ever longer. */
import * as sys from '../../net/process/sys.ts';
import { formatData, lookUp, readResolverConfig, reverseName } from '../dns/lookup.ts';

/** Who answered a probe, and whether the way ends there. */
export interface Hop {
  readonly from: string;
  readonly isEnd: boolean;
  /** The letter of an answer that says that there is no way on, after `!`. */
  readonly refusal: string;
  readonly tookMs: number;
}

/** What an answer within the same machine or over a cable takes. Differs: time stands still while packets travel. */
const travelMs = 0.05;

/** Letters of errors. Source: traceroute(8). */
const refusals: ReadonlyMap<string, string> = new Map([
  ['net', 'N'],
  ['host', 'H'],
  ['port', ''],
  ['protocol', 'P'],
]);

/** Sends a packet that is thrown away after so many hops; undefined when nobody answers in time. */
export function* probeHop(
  address: string,
  probe: { readonly ttl: number; readonly bytes: number; readonly timeoutMs: number },
): sys.Sys<Hop | undefined> {
  const startedMs = yield* sys.now();
  const pong = yield* sys.ping({ address, ...probe });
  if (!pong.ok || pong.value.from === '') return undefined;
  const { from, error } = pong.value;
  return {
    from,
    isEnd: error !== 'time-exceeded',
    refusal: error === undefined || error === 'time-exceeded' ? '' : (refusals.get(error) ?? 'A'),
    tookMs: (yield* sys.now()) - startedMs + travelMs,
  };
}

/** The name of an address, as a name server knows it. */
export function* nameOf(address: string): sys.Sys<string | undefined> {
  const [server] = (yield* readResolverConfig()).nameservers;
  if (server === undefined) return undefined;
  const question = { name: reverseName(address), type: 'PTR' } as const;
  const { reply } = yield* lookUp({ address: server }, question, { timeoutMs: 1000, tries: 1 });
  const [answer] = reply?.answers ?? [];
  return answer === undefined ? undefined : formatData(answer, false);
}
