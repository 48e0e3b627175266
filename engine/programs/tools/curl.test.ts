/** Command lines that curl 7.88 ran against the same server, where 8.16 does not differ. See fixtures/README.md. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cannedServer } from '../testing/canned-server.ts';
import { twoMachines } from '../testing/two-machines.ts';

interface Recording {
  readonly line: string;
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

const recordings: readonly Recording[] = JSON.parse(
  readFileSync(new URL('../fixtures/curl.json', import.meta.url), 'utf8'),
);

function run(line: string) {
  const world = twoMachines(undefined, new Map([['canned', cannedServer('10.96.1.2')]]));
  world.network.addAddress('server', 'eth0', '10.96.1.2/32');
  world.network.addRoute('client', { destination: '10.96.0.0/16', via: '10.0.0.1', link: 'eth0' });
  world.write('client', '/etc/hosts', '127.0.0.1 localhost\n10.96.1.2 web web2\n');
  world.write('client', '/tmp/file', 'one\ntwo & three\n');
  world.write('client', '/tmp/headers', 'X-F: 1\nX-G: 2\n');
  world.start('server', ['canned']);
  return world.run('client', ['sh', '-c', line]);
}

/** What differs from run to run, and the version. */
function settled(text: string): string {
  return text
    .replaceAll('8.16.0', 'VERSION')
    .replace(/after \d+ ms/g, 'after N ms')
    .replace(/after \d+ milli/g, 'after N milli');
}

it.each(recordings)('$line', ({ line, out, err, code }) => {
  const ran = run(line);
  expect({ out: settled(ran.out), err: settled(ran.err), code: ran.code }).toEqual({ out, err, code });
});
