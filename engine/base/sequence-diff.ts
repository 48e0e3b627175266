/**
 * Differences of two texts as Python's difflib and its copies find them: the longest run of equal lines first, then what lies
 * before and after it. Source: github.com/pmezard/go-difflib, which kube-apiserver prints some refusals with.
 */

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** A stretch that is equal in both, or replaced. */
interface Stretch {
  readonly isEqual: boolean;
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

const contextLines = 3;
/** From this many lines on, lines that are everywhere begin no match. */
const manyLines = 200;

/** A unified diff without the names of files; each line ends with a line feed. */
export function formatUnifiedDiff(a: readonly string[], b: readonly string[]): string {
  return hunksOf(stretchesOf(a, b))
    .map((hunk) => formatHunk(hunk, a, b))
    .join('');
}

function formatHunk(hunk: readonly Stretch[], a: readonly string[], b: readonly string[]): string {
  const first = hunk[0];
  const last = hunk.at(-1);
  if (first === undefined || last === undefined) return '';
  const lines = hunk.flatMap((stretch) => {
    const before = a.slice(...stretch.a);
    if (stretch.isEqual) return before.map((line) => ` ${line}`);
    return [...before.map((line) => `-${line}`), ...b.slice(...stretch.b).map((line) => `+${line}`)];
  });
  const head = `@@ -${formatRange(first.a[0], last.a[1])} +${formatRange(first.b[0], last.b[1])} @@`;
  return `${[head, ...lines].join('\n')}\n`;
}

function formatRange(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** Changes with the lines around them; those that are near each other together. */
function hunksOf(stretches: readonly Stretch[]): readonly (readonly Stretch[])[] {
  const hunks: Stretch[][] = [];
  let hunk: Stretch[] = [];
  stretches.forEach((stretch, index) => {
    const { a, b } = stretch;
    if (!stretch.isEqual) {
      hunk.push(stretch);
      return;
    }
    const length = a[1] - a[0];
    const isFirst = index === 0;
    const isLast = index === stretches.length - 1;
    const head = { ...stretch, a: [a[0], a[0] + contextLines], b: [b[0], b[0] + contextLines] } as const;
    const tail = { ...stretch, a: [a[1] - contextLines, a[1]], b: [b[1] - contextLines, b[1]] } as const;
    if (isFirst) hunk.push(length > contextLines ? tail : stretch);
    else if (isLast) hunk.push(length > contextLines ? head : stretch);
    else if (length > 2 * contextLines) {
      hunks.push([...hunk, head]);
      hunk = [tail];
    } else hunk.push(stretch);
  });
  const isChanged = hunk.some(({ isEqual }) => !isEqual);
  return isChanged ? [...hunks, hunk] : hunks;
}

function stretchesOf(a: readonly string[], b: readonly string[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let [i, j] = [0, 0];
  for (const match of [...joined(matchesOf(a, b)), { a: a.length, b: b.length, size: 0 }]) {
    if (i < match.a || j < match.b) stretches.push({ isEqual: false, a: [i, match.a], b: [j, match.b] });
    [i, j] = [match.a + match.size, match.b + match.size];
    if (match.size > 0) stretches.push({ isEqual: true, a: [match.a, i], b: [match.b, j] });
  }
  return stretches;
}

/** Matches that touch are one. */
function joined(matches: readonly Match[]): readonly Match[] {
  const result: Match[] = [];
  for (const match of matches) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b) {
      result[result.length - 1] = { ...last, size: last.size + match.size };
    } else result.push(match);
  }
  return result;
}

function matchesOf(a: readonly string[], b: readonly string[]): readonly Match[] {
  const places = placesOf(b);
  const find = (aFrom: number, aTo: number, bFrom: number, bTo: number): readonly Match[] => {
    const match = longestMatch(a, b, places, { aFrom, aTo, bFrom, bTo });
    if (match.size === 0) return [];
    const isBefore = aFrom < match.a && bFrom < match.b;
    const [aNext, bNext] = [match.a + match.size, match.b + match.size];
    return [
      ...(isBefore ? find(aFrom, match.a, bFrom, match.b) : []),
      match,
      ...(aNext < aTo && bNext < bTo ? find(aNext, aTo, bNext, bTo) : []),
    ];
  };
  return find(0, a.length, 0, b.length);
}

/** Where each line stands; without those that stand nearly everywhere. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  }
  if (lines.length < manyLines) return places;
  const most = Math.floor(lines.length / 100) + 1;
  return new Map([...places].filter(([, found]) => found.length <= most));
}

interface Range {
  readonly aFrom: number;
  readonly aTo: number;
  readonly bFrom: number;
  readonly bTo: number;
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  { aFrom, aTo, bFrom, bTo }: Range,
): Match {
  let best: Match = { a: aFrom, b: bFrom, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i += 1) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  // Lines that begin no match may go on with one.
  while (best.a > aFrom && best.b > bFrom && a[best.a - 1] === b[best.b - 1]) {
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
  }
  while (
    best.a + best.size < aTo &&
    best.b + best.size < bTo &&
    a[best.a + best.size] === b[best.b + best.size]
  ) {
    best = { ...best, size: best.size + 1 };
  }
  return best;
}
