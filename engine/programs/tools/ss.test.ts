import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { splitArguments } from '../../net/netfilter/parse-line.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { twoMachines } from '../testing/two-machines.ts';

/** Source of every expectation: fixtures/README.md. */
const session = readFileSync(new URL('../fixtures/ss.txt', import.meta.url), 'utf8')
  .split(/^\$ /m)
  .slice(1)
  .map((step) => ({
    line: step.slice(0, step.indexOf('\n')),
    output: step.slice(step.indexOf('\n') + 1),
  }));

const server: Program = function* () {
  const all = yield* sys.listen('tcp', '0.0.0.0', 8080);
  yield* sys.listen('udp', '10.0.0.1', 53);
  yield* sys.listen('udp', '0.0.0.0', 8081);
  yield* sys.listen('tcp', '127.0.0.1', 80);
  for (;;) if (all.ok) yield* sys.accept(all.value);
};

/** The recording's client had the port 40000; ports by chance have five digits too. */
const client: Program = function* () {
  yield* sys.connect('10.0.0.1', 8080);
  for (;;) yield* sys.sleep(86_400_000);
};

function worldWithSockets() {
  const world = twoMachines(
    undefined,
    new Map([
      ['python3', server],
      ['client', client],
    ]),
  );
  world.start('server', ['python3']);
  world.start('client', ['client']);
  const port = /10\.0\.0\.2:(\d{5})/.exec(world.run('server', ['ss', '-tn']).out)?.[1] ?? '';
  return { world, port };
}

it.each(session)('$line', ({ line, output }) => {
  const { world, port } = worldWithSockets();
  const { out, err, code } = world.run('server', splitArguments(line.replaceAll('40000', port)));
  const printed = `${out}${err}${code === 0 ? '' : `[exit ${code}]\n`}`;
  const settled = printed
    .replaceAll(port, '40000')
    .replaceAll(/pid=\d+,fd=\d+/g, 'pid=N,fd=N')
    .replaceAll(/ +$/gm, '');
  expect(settled).toBe(output);
});

it('sums up', () => {
  expect(worldWithSockets().world.run('server', ['ss', '-s']).out).toBe(
    'Total: 5\nTCP:   3 (estab 1, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\nRAW\t  0         0         0        \nUDP\t  2         2         0        \nTCP\t  3         3         0        \nINET\t  5         5         0        \nFRAG\t  0         0         0        \n\n',
  );
});
