/** The bash behind the shell: just-bash on a file system in memory, with the commands of ours. */
import type { Bash } from 'just-bash';
import { defaultLimits } from '../base/limits.ts';
import type { LineClock } from './line-clock.ts';
import { type ShellCommand, toBashCommands } from './shell-commands.ts';
import type { HomeFiles } from './shell-files.ts';
import type { ShellHost } from './shell-host.ts';
import { bundledTools } from './tools.ts';

/** What a bash is made of. */
export interface BashParts {
  readonly host: ShellHost;
  readonly clock: LineClock;
  /** The files until there is a bash, which has its own. */
  readonly files: HomeFiles;
  readonly commands: ReadonlyMap<string, ShellCommand>;
}

/**
 * What a bash reaches of the world: there only while a line runs. The library leaves the last commands' surroundings in
 * hidden classes, which V8 keeps until the next full collection: a whole cluster would hang on each.
 */
export interface BashLink {
  parts: BashParts | undefined;
}

/** Where the learner's own folder is. */
export const home = '/home/learner';
/** A line that takes longer than this in real time is stopped. */
const longestRunMs = 30_000;

/** The variables of a new bash. */
export const firstEnv = {
  HOME: home,
  USER: 'learner',
  LOGNAME: 'learner',
  PATH: '/usr/bin:/bin',
  HOSTNAME: 'client',
};

/** What commands see of the environment: bash exports its folder besides. */
export const firstExports: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...firstEnv, PWD: home, OLDPWD: home }),
);

/** Loads the library and sets a bash up. */
export async function openBash({ files, commands }: BashParts, link: BashLink): Promise<Bash> {
  const library = await import('just-bash');
  const bash = new library.Bash({
    cwd: home,
    env: firstEnv,
    commands: [...bundledTools],
    customCommands: toBashCommands([...commands.keys()], library, {
      find: (name) => link.parts?.commands.get(name),
      terminal: () => link.parts?.clock.terminal,
    }),
    sleep: async (ms) => link.parts?.host.advance(ms),
    executionLimitProfile: 'hardened',
    executionLimits: {
      maxExecutionTimeMs: longestRunMs,
      maxOutputSize: 2 * defaultLimits.maxOutputBytes,
    },
    // The commands are our own code; patching the globals of the whole process would reach everything else in it.
    defenseInDepth: false,
  });
  // As in an interactive bash: `alias k=kubectl` is the first thing that many people type.
  await bash.exec('shopt -s expand_aliases');
  await bash.fs.mkdir('/tmp', { recursive: true });
  for (const [path, text] of files.entries()) {
    await bash.fs.mkdir(folderOf(path), { recursive: true });
    await bash.writeFile(path, text);
  }
  return bash;
}

/** The folder of an absolute path. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
