/**
 * The user chains of a table by the numbers of their names. A jump finds its chain here for every packet, among a hundred
 * thousand of them, so that looking must not depend on how many there are; and a table is replaced at every change while
 * copies of the machine keep the old one, so that versions must share what did not change. Hence pages, each of them copied
 * when it is changed.
 */
import { compareKeys } from '../../base/sorted-map.ts';
import { chainNumber } from './chain-numbers.ts';
import type { Chain } from './rule.ts';

type Page = readonly (Chain | undefined)[];

/** See the head of this file. Never changed. */
export type ChainDirectory = readonly Page[];

/** Chains of a page: a change of one Service touches about one page for each of its chains. */
const pageBits = 6;
const pageSize = 1 << pageBits;

const noPage: Page = Object.freeze(Array.from({ length: pageSize }, () => undefined));

/** Without chains. */
export const emptyDirectory: ChainDirectory = Object.freeze([]);

/** The chain of this name. */
export function findInDirectory(directory: ChainDirectory, name: string): Chain | undefined {
  return chainAt(directory, chainNumber(name));
}

/** The chain whose name has this number. */
export function chainAt(directory: ChainDirectory, number: number): Chain | undefined {
  return directory[number >> pageBits]?.[number & (pageSize - 1)];
}

/** All chains by name, in order. */
export function sortedChains(directory: ChainDirectory): readonly Chain[] {
  return [...chainsIn(directory)].sort((a, b) => compareKeys(a.name, b.name));
}

function* chainsIn(directory: ChainDirectory): Generator<Chain> {
  for (const page of directory) {
    if (page === noPage) continue;
    for (const chain of page) if (chain !== undefined) yield chain;
  }
}

/** A directory while it is changed. */
export class DirectoryDraft {
  readonly #pages: Page[];
  /** The pages that are this draft's own. */
  readonly #own = new Map<number, (Chain | undefined)[]>();

  constructor(directory: ChainDirectory) {
    this.#pages = [...directory];
  }

  get(name: string): Chain | undefined {
    return findInDirectory(this.#pages, name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(chain: Chain): void {
    const number = chainNumber(chain.name);
    this.#ownPage(number >> pageBits)[number & (pageSize - 1)] = chain;
  }

  delete(name: string): void {
    if (!this.has(name)) return;
    const number = chainNumber(name);
    this.#ownPage(number >> pageBits)[number & (pageSize - 1)] = undefined;
  }

  chains(): Generator<Chain> {
    return chainsIn(this.#pages);
  }

  /** The directory as it is now; the draft is not used again. */
  finish(): ChainDirectory {
    return Object.freeze(this.#pages);
  }

  #ownPage(index: number): (Chain | undefined)[] {
    const known = this.#own.get(index);
    if (known !== undefined) return known;
    while (this.#pages.length <= index) this.#pages.push(noPage);
    const copy = [...(this.#pages[index] ?? noPage)];
    this.#own.set(index, copy);
    this.#pages[index] = copy;
    return copy;
  }
}
