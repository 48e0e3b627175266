/** The learner's files as commands of ours see them, whichever file system they lie in. */
import type { IFileSystem } from 'just-bash';

/** Files for one command. Paths may be relative to its folder. */
export interface ShellFiles {
  /** The text of a file; undefined when there is none or it is a folder. */
  read(path: string): Promise<string | undefined>;
  /** The names in a folder, those of folders ending in `/`; undefined when there is no such folder. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** Writes a file and makes the folders on the way. */
  write(path: string, text: string): Promise<void>;
}

/** The files of just-bash's file system, seen from a folder. */
export function bashFiles(fs: IFileSystem, cwd: string): ShellFiles {
  const isFile = async (path: string) => (await fs.exists(path)) && (await fs.stat(path)).isFile;
  return {
    async read(path) {
      const full = fs.resolvePath(cwd, path);
      return (await isFile(full)) ? fs.readFile(full) : undefined;
    },
    async list(path) {
      const full = fs.resolvePath(cwd, path);
      if (!(await fs.exists(full)) || (await isFile(full))) return undefined;
      const names = await fs.readdir(full);
      return Promise.all(names.map(async (name) => ((await isFile(`${full}/${name}`)) ? name : `${name}/`)));
    },
    async write(path, text) {
      const full = fs.resolvePath(cwd, path);
      await fs.mkdir(full.slice(0, full.lastIndexOf('/')) || '/', { recursive: true });
      await fs.writeFile(full, text);
    },
  };
}

/**
 * Files below the home folder of a shell whose bash was not needed yet. There is nothing else in it: whoever may ask for
 * other paths, for folders or for links needs the bash.
 */
export class HomeFiles implements ShellFiles {
  readonly #home: string;
  /** By path from the root, in the order of writing. */
  readonly #texts = new Map<string, string>();

  constructor(home: string, files: Iterable<readonly [path: string, text: string]>) {
    this.#home = home;
    for (const [path, text] of files) this.#texts.set(this.#full(path), text);
  }

  /** Every file by its path from the root. */
  entries(): Iterable<readonly [path: string, text: string]> {
    return this.#texts;
  }

  async read(path: string): Promise<string | undefined> {
    return this.#texts.get(this.#full(path));
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    const folder = `${this.#full(path)}/`;
    const names = new Set<string>();
    for (const file of this.#texts.keys()) {
      if (!file.startsWith(folder)) continue;
      const [name = '', ...below] = file.slice(folder.length).split('/');
      names.add(below.length === 0 ? name : `${name}/`);
    }
    // An empty folder does not stay: nobody makes one without bash.
    return names.size === 0 ? undefined : [...names].sort();
  }

  async write(path: string, text: string): Promise<void> {
    this.#texts.set(this.#full(path), text);
  }

  #full(path: string): string {
    const steps: string[] = [];
    for (const step of (path.startsWith('/') ? path : `${this.#home}/${path}`).split('/')) {
      if (step === '..') steps.pop();
      else if (step !== '' && step !== '.') steps.push(step);
    }
    return `/${steps.join('/')}`;
  }
}
