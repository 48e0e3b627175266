/** ipset: sets of addresses that rules ask about. The commands themselves are the kernel side's, net/netfilter/sets. */
import { isJsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';

/** ipset. */
export const ipset: Program = function* ({ argv }) {
  const words = argv.slice(1);
  if (words.some((word) => word === '-V' || word === 'version')) {
    yield* sys.print('ipset v7.17, protocol version: 7\n');
    return 0;
  }
  const looked = yield* sys.inspect('ipset', { words: [...words] });
  if (isJsonObject(looked)) {
    yield* sys.print(String(looked.stdout));
    yield* sys.printError(String(looked.stderr));
    return Number(looked.exitCode);
  }
  const isRestore = words.some((word) => word === 'restore' || word === '-R');
  const text = isRestore ? { text: sys.toText(yield* sys.readAllStdin()) } : {};
  const refused = yield* sys.configure({ part: 'ipset', words, ...text });
  if (refused === undefined) return 0;
  const { stderr, errno = 'EPERM', exitCode } = refused;
  yield* sys.printError(stderr ?? `ipset v7.17: Kernel error received: ${errnoText(errno)}\n`);
  return exitCode ?? 1;
};
