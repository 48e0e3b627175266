/** `date`: the cluster's time, since nothing in the shell knows the wall clock. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What `date` prints with these words, always in UTC. A word that it doesn't know gives undefined. */
export function formatDate(nowMs: number, words: readonly string[]): string | undefined {
  let format = '%a %b %e %H:%M:%S UTC %Y';
  for (const word of words) {
    if (word.startsWith('+')) format = word.slice(1);
    else if (word === '-Is' || word === '--iso-8601=seconds') format = '%Y-%m-%dT%H:%M:%S+00:00';
    else if (word === '-R') format = '%a, %d %b %Y %H:%M:%S +0000';
    else if (word !== '-u' && word !== '--utc') return undefined;
  }
  return `${format.replaceAll(/%(.)/g, (whole, letter: string) => field(new Date(nowMs), letter) ?? whole)}\n`;
}

function field(time: Date, letter: string): string | undefined {
  const two = (value: number) => String(value).padStart(2, '0');
  switch (letter) {
    case 'Y':
      return String(time.getUTCFullYear());
    case 'm':
      return two(time.getUTCMonth() + 1);
    case 'd':
      return two(time.getUTCDate());
    case 'e':
      return String(time.getUTCDate()).padStart(2);
    case 'H':
      return two(time.getUTCHours());
    case 'M':
      return two(time.getUTCMinutes());
    case 'S':
      return two(time.getUTCSeconds());
    case 'N':
      return `${String(time.getUTCMilliseconds()).padStart(3, '0')}000000`;
    case 's':
      return String(Math.floor(time.getTime() / 1_000));
    case 'F':
      return time.toISOString().slice(0, 10);
    case 'T':
      return time.toISOString().slice(11, 19);
    case 'a':
      return days[time.getUTCDay()] ?? '';
    case 'b':
      return months[time.getUTCMonth()] ?? '';
    case 'Z':
      return 'UTC';
    case 'z':
      return '+0000';
    case '%':
      return '%';
    default:
      return undefined;
  }
}
