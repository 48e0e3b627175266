/** Sets of completion indexes as a Job's status writes them: `0,2,4-7`. Source: pkg/controller/job/indexed_job_utils.go, orderedIntervals. */

/** Indexes from `first` to `last`, both among them. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Intervals in order that neither touch nor overlap. */
export type IndexSet = readonly Interval[];

/** Reads what a status holds; indexes from `completions` on do not count. */
export function parseIndexes(text: string, completions: number): IndexSet {
  const intervals = text.split(',').flatMap((part): Interval[] => {
    const limits = /^([0-9]{1,10})(?:-([0-9]{1,10}))?$/.exec(part);
    const first = Number(limits?.[1] ?? -1);
    if (first < 0 || first >= completions) return [];
    return [{ first, last: Math.min(Number(limits?.[2] ?? first), completions - 1) }];
  });
  return joined(intervals);
}

/** The text of a set: two neighbours stand apart, more of them as a range. */
export function formatIndexes(set: IndexSet): string {
  return set
    .map(({ first, last }) => {
      if (first === last) return String(first);
      return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
    })
    .join(',');
}

/** A set with more indexes. */
export function withIndexes(set: IndexSet, more: Iterable<number>): IndexSet {
  return joined([...set, ...[...more].map((index) => ({ first: index, last: index }))]);
}

/** Both together. */
export function unionOf(a: IndexSet, b: IndexSet): IndexSet {
  return joined([...a, ...b]);
}

export function sizeOf(set: IndexSet): number {
  return set.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

export function hasIndex(set: IndexSet, index: number): boolean {
  return set.some(({ first, last }) => first <= index && index <= last);
}

/** How many indexes are in both. */
export function overlapOf(a: IndexSet, b: IndexSet): number {
  let count = 0;
  for (const one of a) {
    for (const other of b) {
      count += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1);
    }
  }
  return count;
}

/** The first `count` indexes below `completions` that are not in the set. */
export function missingFrom(set: IndexSet, count: number, completions: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...set, { first: completions, last: completions }]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate += 1) {
      missing.push(candidate);
    }
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}

function joined(intervals: readonly Interval[]): IndexSet {
  const result: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.first - b.first)) {
    const last = result.at(-1);
    if (last === undefined || next.first > last.last + 1) result.push(next);
    else result.splice(-1, 1, { first: last.first, last: Math.max(last.last, next.last) });
  }
  return result;
}
