/** curl's progress meter: what it prints on standard error when the body does not go to a terminal. */

const header = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`;

/** The meter's text: a header before the transfer, and the lines of its beginning and end. */
export const formatProgress = {
  header: `${header}\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0`,
  /** What follows the header once the transfer has ended. */
  lines({
    bytes,
    elapsedMs,
    failed,
  }: {
    readonly bytes: number;
    readonly elapsedMs: number;
    readonly failed: boolean;
  }): string {
    const seconds = Math.floor(elapsedMs / 1000);
    const spent = seconds === 0 ? '--:--:--' : clock(seconds);
    if (failed && bytes === 0) {
      return `\r  0     0    0     0    0     0      0      0 --:--:-- ${spent.padStart(8)} --:--:--     0\n`;
    }
    const speed = amount(Math.round((bytes * 1000) / Math.max(1, elapsedMs)));
    const total = amount(bytes);
    return `\r100 ${total} 100 ${total}    0     0 ${speed.padStart(6)}      0 --:--:-- ${spent.padStart(8)} --:--:-- ${speed}\n`.replace(
      /^\r100 (.{5}) 100/,
      '\r100 $1  100',
    );
  },
};

function clock(seconds: number): string {
  const hours = String(Math.floor(seconds / 3600)).padStart(2);
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(2, '0');
  return `${hours}:${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

/** A number of bytes in five columns. */
function amount(bytes: number): string {
  if (bytes < 100_000) return String(bytes).padStart(5);
  if (bytes < 10_240_000) return `${Math.floor(bytes / 1024)}k`.padStart(5);
  return `${Math.floor(bytes / 1_048_576)}M`.padStart(5);
}
