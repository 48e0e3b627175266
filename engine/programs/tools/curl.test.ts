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

/** What curl 7.88 sent; its boundary is shorter and as random. */
it.each([
  ['-F a=b', 'name="a"\r\n\r\nb\r\n'],
  [
    '-F a=b -F c=@/tmp/file',
    'name="a"\r\n\r\nb\r\n--B\r\nContent-Disposition: form-data; name="c"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\none\ntwo & three\n\r\n',
  ],
  [
    "-F 'c=@/tmp/file;type=text/csv;filename=x.csv'",
    'name="c"; filename="x.csv"\r\nContent-Type: text/csv\r\n\r\none\ntwo & three\n\r\n',
  ],
  ["-F 'c=</tmp/file'", 'name="c"\r\n\r\none\ntwo & three\n\r\n'],
  ["-F 'a=b;type=text/x'", 'name="a"\r\nContent-Type: text/x\r\n\r\nb\r\n'],
  ['--form-string a=@b', 'name="a"\r\n\r\n@b\r\n'],
])('curl %s sends its parts', (words, want) => {
  const { out } = run(`curl -s ${words} http://web/echo`);
  const boundary = /boundary=(-{24}[0-9A-Za-z]{22})\r\n/.exec(out)?.[1] ?? 'none';
  const body = out.slice(out.indexOf('\r\n\r\n') + 4).replaceAll(boundary, 'B');
  expect(body).toBe(`--B\r\nContent-Disposition: form-data; ${want}--B--\r\n`);
});

it.each([
  ['-sS -F bad', 2, 'curl: option -F: is badly used here\n'],
  ['-sS -F c=@/tmp/none', 26, 'curl: (26) Failed to open/read local data from file/application\n'],
  [
    '-F a=b -d x',
    2,
    'Warning: You can only select one HTTP request method! You asked for both POST \nWarning: (-d, --data) and multipart formpost (-F, --form).\n',
  ],
])('curl %s fails', (words, code, message) => {
  const ran = run(`curl ${words} http://web/echo`);
  expect([ran.code, ran.err.slice(0, message.length)]).toEqual([code, message]);
});
