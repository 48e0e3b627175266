/** A few images for tests, so that they do not depend on what the real table holds. */
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';
import type { Image } from '../node/images/image.ts';
import { canonicalName, findImage, pullFailure } from '../node/images/images.ts';
import type { ImageSource } from '../node/kubelet/parts.ts';

/** Listens on the port in argv[1] and answers every connection; argv[2] is the folder of `/healthz`, if it has one. */
const server: Program = function* ({ argv }) {
  const port = Number(argv[1] ?? '80');
  const listening = yield* sys.listen('tcp', '0.0.0.0', port);
  if (!listening.ok) {
    yield* sys.printError(`bind() to 0.0.0.0:${port} failed (98: Address already in use)\n`);
    return 1;
  }
  yield* sys.print(`listening on ${port}\n`);
  for (;;) {
    const accepted = yield* sys.accept(listening.value);
    if (!accepted.ok) return 1;
    yield* sys.receive(accepted.value.socket);
    const ready = yield* sys.stat('/ready');
    const status = ready === undefined ? '503 Service Unavailable' : '200 OK';
    yield* sys.send(accepted.value.socket, sys.toBytes(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`));
    yield* sys.close(accepted.value.socket);
  }
};

const sleep: Program = function* ({ argv }) {
  yield* sys.sleep(Number(argv[1] ?? '0') * 1000);
  return Number(argv[2] ?? '0');
};

const env: Program = function* (start) {
  for (const [name, value] of start.env) yield* sys.print(`${name}=${value}\n`);
  return 0;
};

/** Without a file, of its input. */
const cat: Program = function* ({ argv }) {
  if (argv.length === 1) yield* sys.write(1, yield* sys.readAllStdin());
  for (const path of argv.slice(1))
    yield* sys.print((yield* sys.readText(path)) ?? `cat: ${path}: not found\n`);
  return 0;
};

const ls: Program = function* ({ argv }) {
  const names = yield* sys.readDirectory(argv[1] ?? '/');
  if (names.ok) yield* sys.print(names.value.map((name) => `${name}\n`).join(''));
  return names.ok ? 0 : 1;
};

const touch: Program = function* ({ argv }) {
  yield* sys.writeFile(argv[1] ?? '/ready', new Uint8Array());
  return 0;
};

const pause: Program = function* () {
  for (;;) yield* sys.sleep(86_400_000);
};

/** What the images run. */
export const testPrograms: ReadonlyMap<string, Program> = new Map([
  ['test-server', server],
  ['test-sleep', sleep],
  ['test-env', env],
  ['test-cat', cat],
  ['test-touch', touch],
  ['test-ls', ls],
  ['pause', pause],
]);

const image: Image = {
  reference: 'docker.io/library/box:latest',
  id: `sha256:${'0'.repeat(64)}`,
  layers: [
    {
      files: new Map([
        ['/bin/server', { program: 'test-server' }],
        ['/bin/sleep', { program: 'test-sleep' }],
        ['/bin/env', { program: 'test-env' }],
        ['/bin/cat', { program: 'test-cat' }],
        ['/bin/ls', { program: 'test-ls' }],
        ['/bin/touch', { program: 'test-touch' }],
      ]),
    },
  ],
  entrypoint: [],
  command: ['server', '80'],
  env: new Map([['PATH', '/bin']]),
  workingDirectory: '/',
  sizeBytes: 1234,
};

/** The real table, and besides it `box`, `missing`, which no registry has, and `Broken`, which is no name. */
export const testImages: ImageSource = {
  find: (name) => (name === 'box' || name === image.reference ? image : findImage(name)),
  canonicalName: (name) => (name === 'box' ? image.reference : canonicalName(name)),
  pullFailure: (name) =>
    name === 'missing'
      ? `failed to resolve reference "docker.io/library/${name}:latest": not found`
      : pullFailure(name),
};
