/** The node command of the node image: its version, and an honest word about everything else. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** node. */
export const node: Program = function* ({ argv, env }) {
  const [first] = argv.slice(1);
  if (first === '--version' || first === '-v') {
    yield* sys.print(`v${env.get('NODE_VERSION') ?? '22.11.0'}\n`);
    return 0;
  }
  // Without a script it reads one from standard input, which is empty in a container.
  if (first === undefined) return 0;
  yield* sys.printError(
    'kubedrill: JavaScript is not run here; use luksa/kubia or node-hello for a Node server\n',
  );
  return 1;
};
