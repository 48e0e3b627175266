/** busybox itself: its applets by their names, and the list of them. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** The multi-call program over a table of applets. */
export function createBusybox(applets: ReadonlyMap<string, Program>): Program {
  return function* (start) {
    const [name, ...args] = start.argv.slice(1);
    const names = [...applets.keys()].sort();
    if (name === undefined || name === '--help') {
      yield* sys.print(
        `BusyBox v1.36.1 (2024-05-28 13:22:30 UTC) multi-call binary.\n\nCurrently defined functions:\n\t${names.join(', ')}\n`,
      );
      return 0;
    }
    if (name === '--list') {
      yield* sys.print(names.map((applet) => `${applet}\n`).join(''));
      return 0;
    }
    const applet = applets.get(name);
    if (applet === undefined) {
      yield* sys.printError(`${name}: applet not found\n`);
      return 127;
    }
    return yield* applet({ ...start, argv: [name, ...args] });
  };
}
