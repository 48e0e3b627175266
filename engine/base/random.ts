/**
 * Seeded randomness: the same seed gives the same names, UIDs and choices, in every process and on every machine.
 */

/** The state of a {@link Random}: a 32-bit counter, begun from the seed. */
export interface RandomState {
  counter: number;
}

/** A source of pseudo-random numbers (a counter, mixed as splitmix32 does; not for secrets). */
export class Random {
  readonly #state: RandomState;

  constructor(state: RandomState) {
    this.#state = state;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer in [0, 2^32). The mixing is that of splitmix32. */
  uint32(): number {
    this.#state.counter = (this.#state.counter + 0x9e3779b9) | 0;
    let mixed = this.#state.counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /**
   * A suffix as the API server appends to generateName.
   * Source: k8s.io/apimachinery/pkg/util/rand: letters that spell no words.
   */
  nameSuffix(length = 5): string {
    const letters = 'bcdfghjklmnpqrstvwxz2456789';
    let suffix = '';
    for (let index = 0; index < length; index += 1) suffix += letters.charAt(this.below(letters.length));
    return suffix;
  }

  /** `length` lower-case hexadecimal digits, as in container ids. */
  hex(length: number): string {
    let digits = '';
    while (digits.length < length) digits += this.uint32().toString(16).padStart(8, '0');
    return digits.slice(0, length);
  }

  /** A version 4 UUID. Source: RFC 9562, section 5.4. */
  uuid(): string {
    const digits = this.hex(32);
    const variant = '89ab'.charAt(this.below(4));
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
  }

  /** Takes the numbers of a {@link uuid} and returns the state that gives them. */
  skipUuid(): RandomState {
    const state = { ...this.#state };
    this.uuid();
    return state;
  }
}

/** The first state of a source for a seed: an FNV-1a hash of the text. */
export function randomStateFrom(seed: string): RandomState {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
  return { counter: hash | 0 };
}
