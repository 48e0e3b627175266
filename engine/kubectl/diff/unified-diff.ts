/**
 * Differences of two texts as `diff` and `diff -u` print them. It stands for GNU diff: the shortest edit comes from a library, and
 * which of several equally short ones is shown follows GNU's rule, which slides changes down as far as they go.
 * Differs: where lines repeat a lot, another of the equally short edits is shown now and then (11 of 400 random texts
 * of six different lines).
 * Source: diffutils, src/analyze.c (shift_boundaries) and src/context.c.
 */
import { diffArrays } from 'diff';

/** Lines around a change. Source: `diff -u`, three without a number. */
const contextLines = 3;

/** The hunks of a unified diff, without the two head lines; empty when the texts are equal. */
export function formatHunks(from: string, to: string): string {
  if (from === to) return '';
  const { before, after, edits } = compare(from, to);
  return groupEdits(edits)
    .map((group) => formatHunk(before, after, group))
    .join('');
}

/** What `diff` prints without an option: `2c2`, the lines of both sides. Source: diffutils, src/normal.c. */
export function formatEdits(from: string, to: string): string {
  if (from === to) return '';
  const { before, after, edits } = compare(from, to);
  return edits
    .map(({ beforeStart, beforeEnd, afterStart, afterEnd }) => {
      const gone = before.slice(beforeStart, beforeEnd);
      const come = after.slice(afterStart, afterEnd);
      const letter = gone.length === 0 ? 'a' : come.length === 0 ? 'd' : 'c';
      const head = `${lineNumbers(beforeStart, beforeEnd)}${letter}${lineNumbers(afterStart, afterEnd)}\n`;
      const lines = [...gone.map((line) => `< ${endLine(line)}`), ...(letter === 'c' ? ['---\n'] : [])];
      return [head, ...lines, ...come.map((line) => `> ${endLine(line)}`)].join('');
    })
    .join('');
}

/** `3`, `3,5`, or the line before an empty range. */
function lineNumbers(start: number, end: number): string {
  return end - start > 1 ? `${start + 1},${end}` : `${end}`;
}

function compare(from: string, to: string) {
  const before = splitLines(from);
  const after = splitLines(to);
  const changed = markChanges(before, after);
  slideChanges(before, changed.before, changed.after);
  slideChanges(after, changed.after, changed.before);
  return { before, after, edits: listEdits(changed) };
}

/** A run of lines taken away from `before` and put in from `after`. */
interface Edit {
  readonly beforeStart: number;
  readonly beforeEnd: number;
  readonly afterStart: number;
  readonly afterEnd: number;
}

interface Marks {
  readonly before: boolean[];
  readonly after: boolean[];
}

/** A last line that isn't ended counts as different from the same line ended. */
function splitLines(text: string): readonly string[] {
  if (text === '') return [];
  return text.split(/(?<=\n)/);
}

function markChanges(before: readonly string[], after: readonly string[]): Marks {
  const marks: Marks = { before: before.map(() => false), after: after.map(() => false) };
  let b = 0;
  let a = 0;
  for (const part of diffArrays([...before], [...after])) {
    const count = part.count ?? part.value.length;
    if (part.removed === true) marks.before.fill(true, b, b + count);
    if (part.added === true) marks.after.fill(true, a, a + count);
    if (part.added !== true) b += count;
    if (part.removed !== true) a += count;
  }
  return marks;
}

/** Moves each run of changed lines down while the line after it equals its first one, and joins runs that meet. */
function slideChanges(lines: readonly string[], changed: boolean[], other: readonly boolean[]): void {
  let i = 0;
  let j = 0;
  for (;;) {
    while (i < lines.length && changed[i] !== true) {
      while (other[j] === true) j += 1;
      j += 1;
      i += 1;
    }
    if (i >= lines.length) return;
    let start = i;
    while (changed[i] === true) i += 1;
    while (other[j] === true) j += 1;
    let runLength = -1;
    let corresponding = 0;
    do {
      runLength = i - start;
      while (start > 0 && lines[start - 1] === lines[i - 1]) {
        start -= 1;
        i -= 1;
        changed[start] = true;
        changed[i] = false;
        while (start > 0 && changed[start - 1] === true) start -= 1;
        j -= 1;
        while (other[j] === true) j -= 1;
      }
      corresponding = j > 0 && other[j - 1] === true ? i : lines.length;
      while (i < lines.length && lines[start] === lines[i]) {
        changed[start] = false;
        changed[i] = true;
        start += 1;
        i += 1;
        while (changed[i] === true) i += 1;
        j += 1;
        while (other[j] === true) {
          corresponding = i;
          j += 1;
        }
      }
    } while (runLength !== i - start);
    while (corresponding < i) {
      start -= 1;
      i -= 1;
      changed[start] = true;
      changed[i] = false;
      j -= 1;
      while (other[j] === true) j -= 1;
    }
  }
}

function listEdits({ before, after }: Marks): readonly Edit[] {
  const edits: Edit[] = [];
  let b = 0;
  let a = 0;
  while (b < before.length || a < after.length) {
    if (before[b] !== true && after[a] !== true) {
      b += 1;
      a += 1;
      continue;
    }
    const [beforeStart, afterStart] = [b, a];
    while (before[b] === true) b += 1;
    while (after[a] === true) a += 1;
    edits.push({ beforeStart, beforeEnd: b, afterStart, afterEnd: a });
  }
  return edits;
}

/** Edits whose contexts touch share a hunk. */
function groupEdits(edits: readonly Edit[]): readonly (readonly Edit[])[] {
  const groups: Edit[][] = [];
  let last: Edit | undefined;
  for (const edit of edits) {
    const group = groups.at(-1);
    if (last !== undefined && group !== undefined && edit.beforeStart - last.beforeEnd <= 2 * contextLines)
      group.push(edit);
    else groups.push([edit]);
    last = edit;
  }
  return groups;
}

function formatHunk(before: readonly string[], after: readonly string[], edits: readonly Edit[]): string {
  const [first] = edits;
  const last = edits.at(-1);
  if (first === undefined || last === undefined) return '';
  const lead = Math.min(contextLines, first.beforeStart);
  const tail = Math.min(contextLines, before.length - last.beforeEnd);
  const beforeStart = first.beforeStart - lead;
  const afterStart = first.afterStart - lead;
  const lines: string[] = [];
  let at = beforeStart;
  const show = (sign: string, line = '') => lines.push(`${sign}${endLine(line)}`);
  for (const edit of edits) {
    for (; at < edit.beforeStart; at += 1) show(' ', before[at]);
    for (let b = edit.beforeStart; b < edit.beforeEnd; b += 1) show('-', before[b]);
    for (let a = edit.afterStart; a < edit.afterEnd; a += 1) show('+', after[a]);
    at = edit.beforeEnd;
  }
  for (const end = at + tail; at < end; at += 1) show(' ', before[at]);
  const ranges = [
    formatRange('-', beforeStart, last.beforeEnd + tail),
    formatRange('+', afterStart, last.afterEnd + tail),
  ];
  return `@@ ${ranges.join(' ')} @@\n${lines.join('')}`;
}

function endLine(line: string): string {
  return line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`;
}

/** An empty range is named by the line before it. */
function formatRange(sign: string, start: number, end: number): string {
  const count = end - start;
  if (count === 1) return `${sign}${start + 1}`;
  return `${sign}${count === 0 ? start : start + 1},${count}`;
}
