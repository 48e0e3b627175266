/** Lines as klog writes them, which kubectl does for what is not its answer. Source: k8s.io/klog, the head of a line. */

/**
 * One line: level, day and time, process, the place in kubectl's sources, text.
 *
 * @param nowMs milliseconds since the Unix epoch.
 */
export function formatKlog(level: 'I' | 'W' | 'E', nowMs: number, place: string, text: string): string {
  const time = new Date(nowMs).toISOString();
  return `${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000       1 ${place}] ${text}\n`;
}
