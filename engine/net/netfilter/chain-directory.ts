/**
 * The user chains of a table by name. A jump finds its chain here for every packet, among a hundred thousand of them, so
 * that looking must not depend on how many there are; and a table is replaced at every change while copies of the machine
 * keep the old one, so that versions must share what did not change. Hence buckets, each of them copied when it is changed.
 */
import { compareKeys } from '../../base/sorted-map.ts';
import type { Chain } from './rule.ts';

/** See the head of this file. Never changed. */
export type ChainDirectory = readonly ReadonlyMap<string, Chain>[];

/** A power of two; with ten thousand Services a bucket holds some two hundred chains. */
const bucketCount = 512;
const noChains: ReadonlyMap<string, Chain> = new Map();

/** Without chains. */
export const emptyDirectory: ChainDirectory = Object.freeze(
  Array.from({ length: bucketCount }, () => noChains),
);

/** Where a directory keeps the chain of this name: names of one program's chains differ at their end. */
export function bucketOf(name: string): number {
  let hash = 0;
  for (let at = Math.max(0, name.length - 4); at < name.length; at += 1) {
    hash = (hash * 33) ^ name.charCodeAt(at);
  }
  return hash & (bucketCount - 1);
}

/** The chain of this name; whoever looks often knows its bucket. */
export function findInDirectory(
  directory: ChainDirectory,
  name: string,
  bucket: number = bucketOf(name),
): Chain | undefined {
  return directory[bucket]?.get(name);
}

/** All chains by name, in order. */
export function sortedChains(directory: ChainDirectory): readonly Chain[] {
  const chains: Chain[] = [];
  for (const bucket of directory) if (bucket.size > 0) chains.push(...bucket.values());
  return chains.sort((a, b) => compareKeys(a.name, b.name));
}

/** A directory while it is changed. */
export class DirectoryDraft {
  readonly #buckets: (ReadonlyMap<string, Chain> | Map<string, Chain>)[];
  /** The buckets that are this draft's own. */
  readonly #own = new Map<number, Map<string, Chain>>();

  constructor(directory: ChainDirectory) {
    this.#buckets = [...directory];
  }

  get(name: string): Chain | undefined {
    return findInDirectory(this.#buckets, name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(chain: Chain): void {
    this.#ownBucket(bucketOf(chain.name)).set(chain.name, chain);
  }

  delete(name: string): void {
    if (this.has(name)) this.#ownBucket(bucketOf(name)).delete(name);
  }

  *chains(): Generator<Chain> {
    for (const bucket of this.#buckets) yield* bucket.values();
  }

  /** The directory as it is now; the draft is not used again. */
  finish(): ChainDirectory {
    return Object.freeze(this.#buckets);
  }

  #ownBucket(index: number): Map<string, Chain> {
    const known = this.#own.get(index);
    if (known !== undefined) return known;
    const copy = new Map(this.#buckets[index]);
    this.#own.set(index, copy);
    this.#buckets[index] = copy;
    return copy;
  }
}
