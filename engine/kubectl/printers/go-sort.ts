/**
 * The order that Go's sort.Sort leaves equal items in: it is not stable, and `--sort-by` shows it as soon as there are more
 * than a dozen objects. Pattern-defeating quicksort as Go has it since 1.19; left out: the fall back to heapsort for inputs
 * that are made to defeat it.
 * Source: Go, package sort; Orson Peters, Pattern-defeating Quicksort.
 */

/** Whether the first of two items belongs before the second. */
export type Less<T> = (a: T, b: T) => boolean;

/** A sorted copy. */
export function goSort<T>(items: readonly T[], less: Less<T>): readonly T[] {
  const sorter = new Sorter(items, less);
  sorter.sort(0, items.length);
  return sorter.items;
}

/** Up to so many items are put in order one by one, which keeps equal ones as they are. */
const mostInserted = 12;
const shortestNinther = 50;
const mostSwaps = 12;
const mostSteps = 5;
const shortestShift = 50;

class Sorter<T> {
  readonly items: T[];
  readonly #less: Less<T>;

  constructor(items: readonly T[], less: Less<T>) {
    this.items = [...items];
    this.#less = less;
  }

  sort(from: number, to: number): void {
    let [a, b] = [from, to];
    let wasBalanced = true;
    let wasPartitioned = true;
    for (;;) {
      const length = b - a;
      if (length <= mostInserted) {
        this.#insert(a, b);
        return;
      }
      if (!wasBalanced) this.#breakPatterns(a, b);
      let { pivot, hint } = this.#choosePivot(a, b);
      if (hint === 'decreasing') {
        this.#reverse(a, b);
        pivot = b - 1 - (pivot - a);
        hint = 'increasing';
      }
      if (wasBalanced && wasPartitioned && hint === 'increasing' && this.#insertFew(a, b)) return;
      if (a > 0 && !this.#isLess(a - 1, pivot)) {
        a = this.#partitionEqual(a, b, pivot);
        continue;
      }
      const parted = this.#partition(a, b, pivot);
      wasPartitioned = parted.wasPartitioned;
      const [left, right] = [parted.middle - a, b - parted.middle];
      const threshold = Math.floor(length / 8);
      if (left < right) {
        wasBalanced = left >= threshold;
        this.sort(a, parted.middle);
        a = parted.middle + 1;
      } else {
        wasBalanced = right >= threshold;
        this.sort(parted.middle + 1, b);
        b = parted.middle;
      }
    }
  }

  #isLess(i: number, j: number): boolean {
    const [a, b] = [this.items[i], this.items[j]];
    return a !== undefined && b !== undefined && this.#less(a, b);
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.items[i], this.items[j]];
    if (a === undefined || b === undefined) return;
    this.items[i] = b;
    this.items[j] = a;
  }

  #insert(a: number, b: number): void {
    for (let i = a + 1; i < b; i += 1) this.#sink(i, a);
  }

  /** Moves an item down to where it belongs, not below `end`. */
  #sink(from: number, end: number): void {
    for (let j = from; j > end && this.#isLess(j, j - 1); j -= 1) this.#swap(j, j - 1);
  }

  /** Mends a few pairs of what is nearly in order; whether that was enough. */
  #insertFew(a: number, b: number): boolean {
    let i = a + 1;
    for (let step = 0; step < mostSteps; step += 1) {
      while (i < b && !this.#isLess(i, i - 1)) i += 1;
      if (i === b) return true;
      if (b - a < shortestShift) return false;
      this.#swap(i, i - 1);
      if (i - a >= 2) this.#sink(i - 1, 0);
      if (b - i >= 2) {
        for (let j = i + 1; j < b && this.#isLess(j, j - 1); j += 1) this.#swap(j, j - 1);
      }
    }
    return false;
  }

  #partition(a: number, b: number, pivot: number): { middle: number; wasPartitioned: boolean } {
    this.#swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    const approach = () => {
      while (i <= j && this.#isLess(i, a)) i += 1;
      while (i <= j && !this.#isLess(j, a)) j -= 1;
      return i <= j;
    };
    const wasPartitioned = !approach();
    if (!wasPartitioned) {
      do {
        this.#swap(i, j);
        i += 1;
        j -= 1;
      } while (approach());
    }
    this.#swap(j, a);
    return { middle: j, wasPartitioned };
  }

  /** Puts items that are equal to the pivot first, where none is less; the first of the others. */
  #partitionEqual(a: number, b: number, pivot: number): number {
    this.#swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    for (;;) {
      while (i <= j && !this.#isLess(a, i)) i += 1;
      while (i <= j && this.#isLess(a, j)) j -= 1;
      if (i > j) return i;
      this.#swap(i, j);
      i += 1;
      j -= 1;
    }
  }

  #choosePivot(a: number, b: number): { pivot: number; hint: 'increasing' | 'decreasing' | 'unknown' } {
    const length = b - a;
    const quarter = Math.floor(length / 4);
    let [i, j, k] = [a + quarter, a + quarter * 2, a + quarter * 3];
    let swaps = 0;
    const inOrder = (x: number, y: number): readonly [number, number] => {
      if (!this.#isLess(y, x)) return [x, y];
      swaps += 1;
      return [y, x];
    };
    const median = (x: number, y: number, z: number): number => {
      const [low, middle] = inOrder(x, y);
      const [upper] = inOrder(middle, z);
      return inOrder(low, upper)[1];
    };
    if (length >= shortestNinther) {
      i = median(i - 1, i, i + 1);
      j = median(j - 1, j, j + 1);
      k = median(k - 1, k, k + 1);
    }
    j = median(i, j, k);
    return { pivot: j, hint: swaps === 0 ? 'increasing' : swaps === mostSwaps ? 'decreasing' : 'unknown' };
  }

  #reverse(a: number, b: number): void {
    for (let [i, j] = [a, b - 1]; i < j; i += 1, j -= 1) this.#swap(i, j);
  }

  /** Scatters three items, by numbers that follow from the length alone (xorshift). */
  #breakPatterns(a: number, b: number): void {
    const length = b - a;
    let random = BigInt(length);
    const modulus = 2 ** Math.ceil(Math.log2(length + 1));
    const middle = a + Math.floor(length / 4) * 2;
    for (let at = middle - 1; at <= middle + 1; at += 1) {
      random = BigInt.asUintN(64, random ^ (random << 13n));
      random ^= random >> 7n;
      random = BigInt.asUintN(64, random ^ (random << 17n));
      const other = Number(random & BigInt(modulus - 1));
      this.#swap(at, a + (other >= length ? other - length : other));
    }
  }
}
