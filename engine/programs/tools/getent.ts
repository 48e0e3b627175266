/** getent for hosts, ahosts and ahostsv4, as glibc's. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { isIPv4, resolveName } from '../dns/resolver.ts';

/** getent. */
export const getent: Program = function* ({ argv }) {
  const [database = '', ...keys] = argv.slice(1);
  if (!['hosts', 'ahosts', 'ahostsv4', 'passwd'].includes(database)) {
    yield* sys.printError(
      `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
    );
    return 1;
  }
  if (database === 'passwd') {
    yield* sys.print((yield* sys.readText('/etc/passwd')) ?? '');
    return 0;
  }
  if (keys.length === 0) {
    const lines = ((yield* sys.readText('/etc/hosts')) ?? '').split('\n').filter((line) => /^\d/.test(line));
    yield* sys.print(
      lines
        .map((line) => formatHost(line.split(/\s+/)[0] ?? '', line.split(/\s+/).slice(1).join(' ')))
        .join(''),
    );
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const resolved = yield* resolveName(key);
    if (!resolved.ok) {
      status = 2;
      continue;
    }
    const { addresses, canonicalName } = resolved.value;
    const name = isIPv4(key) ? '' : canonicalName;
    const lines = addresses.map((address, index) =>
      database === 'hosts'
        ? formatHost(address, name)
        : `${address.padEnd(16)}STREAM ${index === 0 ? name : ''}\n${address.padEnd(16)}DGRAM  \n${address.padEnd(16)}RAW    \n`,
    );
    yield* sys.print(lines.join(''));
  }
  return status;
};

function formatHost(address: string, name: string): string {
  return `${address.padEnd(15)} ${name}\n`;
}
