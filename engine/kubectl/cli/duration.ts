/** Durations as Go reads them. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration as Go's time.ParseDuration does (`1m30s`, `500ms`, `0`).
 *
 * @returns milliseconds, or undefined when the text is no duration.
 */
export function parseDurationMs(text: string): number | undefined {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;
  let sum = 0;
  let end = 0;
  for (let match = part.exec(body); match !== null; match = part.exec(body)) {
    sum += Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
    end = part.lastIndex;
  }
  if (end === 0 || end !== body.length) return undefined;
  return negative ? -sum : sum;
}
