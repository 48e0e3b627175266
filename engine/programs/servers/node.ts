/**
 * The node command of the node image: its version, what Node says of a script that is not there, and an honest word about
 * everything else. Source: node 22, Module._resolveFilename.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** node. */
export const node: Program = function* ({ argv, env, cwd }) {
  const [first] = argv.slice(1);
  if (first === '--version' || first === '-v') {
    yield* sys.print(`v${env.get('NODE_VERSION') ?? '22.11.0'}\n`);
    return 0;
  }
  // Without a script it reads one from standard input, which is empty in a container.
  if (first === undefined) return 0;
  const script = first.startsWith('/') ? first : `${cwd === '/' ? '' : cwd}/${first}`;
  if (!first.startsWith('-') && (yield* sys.stat(script)) === undefined) {
    const version = env.get('NODE_VERSION') ?? '22.11.0';
    yield* sys.printError(
      `node:internal/modules/cjs/loader:1228\n  throw err;\n  ^\n\nError: Cannot find module '${script}'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v${version}\n`,
    );
    return 1;
  }
  yield* sys.printError(
    'kubedrill: JavaScript is not run here; use luksa/kubia or node-hello for a Node server\n',
  );
  return 1;
};
