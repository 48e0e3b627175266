/** A learner's shell whose lines end after a while: work of the cluster is synchronous, so that Ctrl-C can't end it. */
import type { Cluster, Shell, ShellTerminal } from '../../engine/index.ts';
import { startDeadline } from './deadline.ts';

/** As long as somebody looks at a terminal in which nothing happens. */
const maxLineSeconds = 20;

/** The shell with a bound on the wall time of each line. The cluster goes on with the next line where it was stopped. */
export function limitLines(cluster: Cluster, shell: Shell, maxSeconds = maxLineSeconds): Shell {
  return {
    get cwd() {
      return shell.cwd;
    },
    readFile: (path) => shell.readFile(path),
    writeFile: (path, text) => shell.writeFile(path, text),
    complete: (text) => shell.complete(text),
    place: () => shell.place(),
    async run(line, options = {}) {
      let isPast = startDeadline(maxSeconds * 1000);
      const isOver = () => isPast();
      cluster.interruptWhen(isOver);
      const { terminal } = options;
      // Who follows a line ends it; what is bounded is the work between two pauses.
      const paced: ShellTerminal | undefined = terminal && {
        ...terminal,
        async pause() {
          const passedMs = await terminal.pause();
          isPast = startDeadline(maxSeconds * 1000);
          return passedMs;
        },
      };
      const result = await shell.run(line, {
        isOver,
        ...options,
        ...(paced === undefined ? {} : { terminal: paced }),
      });
      if (!isOver()) return result;
      const note = `kubedrill: stopped after ${maxSeconds} s; the cluster is still at work\n`;
      return { ...result, stderr: `${result.stderr}${note}` };
    },
  };
}
