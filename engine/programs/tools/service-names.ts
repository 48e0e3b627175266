/** Names of ports. Source: /etc/services of Debian 12, those that learners meet. */
const names: ReadonlyMap<number, string> = new Map([
  [21, 'ftp'],
  [22, 'ssh'],
  [25, 'smtp'],
  [53, 'domain'],
  [80, 'http'],
  [110, 'pop3'],
  [123, 'ntp'],
  [143, 'imap2'],
  [443, 'https'],
  [853, 'domain-s'],
  [3306, 'mysql'],
  [5432, 'postgresql'],
  [6379, 'redis'],
  [8080, 'http-alt'],
]);

const namedOverUdp: ReadonlySet<number> = new Set([53, 123, 443, 853]);

/** The name of a port, if it has one. */
export function serviceName(port: number, protocol: 'tcp' | 'udp'): string | undefined {
  return protocol === 'tcp' || namedOverUdp.has(port) ? names.get(port) : undefined;
}

/** The number of a port that is named or numbered. */
export function servicePort(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 65_535 ? Number(text) : undefined;
  return [...names].find(([, name]) => name === text)?.[0];
}
