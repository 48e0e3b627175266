/** What matches remember from packet to packet. A rule's match is the key, since it is an object of its own. */
import type { IpSets } from './sets/ip-set.ts';

/** What a `limit` match has left: milliseconds of credit, as of a moment. */
export interface LimitCredit {
  credit: number;
  atMs: number;
}

/** See the head of this file. */
export interface MatchMemory {
  /** Packets that a `statistic --mode nth` match has counted. */
  nth: Map<object, number>;
  limits: Map<object, LimitCredit>;
  /** The lists of `recent`: by list and address, the times seen in milliseconds, newest last. */
  recent: Map<string, Map<string, number[]>>;
  /** Sets of addresses (ipset). */
  sets: IpSets;
}
