/** How crictl prints durations, sizes and tables. Source: github.com/docker/go-units; text/tabwriter of Go. */

const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;

/** A duration in words, without the `ago`. Source: go-units, HumanDuration. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / minuteSeconds);
  const hours = Math.round(seconds / hourSeconds);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < minuteSeconds) return `${seconds} seconds`;
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(seconds / daySeconds);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  if (days < 730) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}

/** A size with three digits that count, in powers of a thousand. Source: go-units, HumanSizeWithPrecision. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${Number(size.toPrecision(3))}${units[unit] ?? ''}`;
}

/** Columns at least 20 wide, three blanks between them, none after the last. */
export function formatTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, index) =>
    Math.max(20, ...lines.map((line) => (line[index] ?? '').length + 3)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => (index === line.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('')
        .concat('\n'),
    )
    .join('');
}
