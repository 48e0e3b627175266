/** cat, ls, mkdir, rm, rmdir, touch, cp, mv, tee, basename, dirname, which as busybox has them. */
import * as sys from '../../net/process/sys.ts';
import type { FileStat, Program } from '../../net/process/syscalls.ts';
import { errnoText } from '../errno-text.ts';
import { type Applet, createApplet, fromLines } from './applet.ts';

const cat: Applet = {
  name: 'cat',
  usage: '[-nbvteA] [FILE]...',
  flags: 'nbvteAu',
  *run(args) {
    let status = 0;
    let number = 0;
    const numbered = (text: string) =>
      text.replace(/^(?=.|\n)/gm, () => {
        number += 1;
        return `${String(number).padStart(6)}\t`;
      });
    for (const file of args.operands.length === 0 ? ['-'] : args.operands) {
      if (file === '-') {
        for (let bytes = yield* sys.readStdin(); bytes !== undefined; bytes = yield* sys.readStdin()) {
          yield* sys.write(1, args.flags.has('n') ? sys.toBytes(numbered(sys.toText(bytes))) : bytes);
        }
        continue;
      }
      const content = yield* sys.readFile(file);
      if (content.ok) {
        if (content.value.length > 0) {
          yield* sys.write(
            1,
            args.flags.has('n') ? sys.toBytes(numbered(sys.toText(content.value))) : content.value,
          );
        }
      } else {
        status = 1;
        const problem = content.error === 'EISDIR' ? 'read error' : `can't open '${file}'`;
        yield* sys.printError(`cat: ${problem}: ${errnoText(content.error)}\n`);
      }
    }
    return status;
  },
};

const ls: Applet = {
  name: 'ls',
  usage: '[-1AaCxdLHRFplinshrSXvctukZ] [-w WIDTH] [FILE]...',
  flags: '1AaCdlhFprRtSi',
  *run(args, start) {
    let status = 0;
    const operands = args.operands.length === 0 ? ['.'] : args.operands;
    const blocks: string[] = [];
    const single: string[] = [];
    for (const operand of operands) {
      const stat = yield* sys.stat(operand);
      if (stat === undefined) {
        yield* sys.printError(`ls: ${operand}: No such file or directory\n`);
        status = 1;
      } else if (stat.type === 'file' || args.flags.has('d')) {
        single.push(describe(operand, stat, args.flags));
      } else {
        const names = yield* sys.readDirectory(operand);
        const listed = names.ok
          ? names.value.filter((name) => args.flags.has('a') || args.flags.has('A') || !name.startsWith('.'))
          : [];
        const lines: string[] = [];
        for (const name of args.flags.has('r') ? [...listed].reverse() : listed) {
          const inner = yield* sys.stat(`${operand}/${name}`);
          if (inner !== undefined) lines.push(describe(name, inner, args.flags));
        }
        const isLong = args.flags.has('l');
        const body = !isLong && start.tty && !args.flags.has('1') ? columns(lines) : fromLines(lines);
        const total = isLong ? `total ${4 * lines.length}\n` : '';
        blocks.push(operands.length > 1 ? `${operand}:\n${total}${body}` : `${total}${body}`);
      }
    }
    yield* sys.print([...(single.length > 0 ? [fromLines(single)] : []), ...blocks].join('\n'));
    return status;
  },
};

function describe(name: string, stat: FileStat, flags: ReadonlySet<string>): string {
  const suffix =
    flags.has('F') || flags.has('p')
      ? stat.type === 'directory'
        ? '/'
        : stat.executable && flags.has('F')
          ? '*'
          : ''
      : '';
  if (!flags.has('l')) return `${name}${suffix}`;
  const mode = stat.type === 'directory' ? 'drwxr-xr-x' : stat.executable ? '-rwxr-xr-x' : '-rw-r--r--';
  const links = stat.type === 'directory' ? 2 : 1;
  return `${mode}    ${links} root     root     ${String(stat.sizeBytes).padStart(9)} May 28 13:22 ${name}${suffix}`;
}

function columns(names: readonly string[]): string {
  if (names.length === 0) return '';
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const perLine = Math.max(1, Math.floor(80 / width));
  const rows = Math.ceil(names.length / perLine);
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const cells = names.filter((_, index) => index % rows === row);
    lines.push(cells.map((cell, index) => (index < cells.length - 1 ? cell.padEnd(width) : cell)).join(''));
  }
  return fromLines(lines);
}

const mkdir: Applet = {
  name: 'mkdir',
  usage: '[-m MODE] [-p] DIRECTORY...',
  flags: 'p',
  values: 'm',
  *run(args) {
    let status = 0;
    for (const path of args.operands) {
      const made = yield* sys.makeDirectory(path, args.flags.has('p'));
      if (made.ok) continue;
      status = 1;
      yield* sys.printError(`mkdir: can't create directory '${path}': ${errnoText(made.error)}\n`);
    }
    return status;
  },
};

const rm: Applet = {
  name: 'rm',
  usage: '[-irf] FILE...',
  flags: 'irRf',
  *run(args) {
    let status = 0;
    const recursive = args.flags.has('r') || args.flags.has('R');
    for (const path of args.operands) {
      const stat = yield* sys.stat(path);
      if (stat?.type === 'directory' && !recursive) {
        yield* sys.printError(`rm: '${path}' is a directory\n`);
        status = 1;
        continue;
      }
      const removed = yield* sys.removeFile(path, recursive);
      if (removed.ok || (args.flags.has('f') && removed.error === 'ENOENT')) continue;
      yield* sys.printError(`rm: can't remove '${path}': ${errnoText(removed.error)}\n`);
      status = 1;
    }
    return status;
  },
};

const rmdir: Applet = {
  name: 'rmdir',
  usage: '[-p] DIRECTORY...',
  flags: 'p',
  *run(args) {
    let status = 0;
    for (const path of args.operands) {
      const stat = yield* sys.stat(path);
      const removed = stat?.type === 'file' ? undefined : yield* sys.removeFile(path);
      if (removed?.ok === true) continue;
      const why = removed === undefined ? 'Not a directory' : errnoText(removed.error);
      yield* sys.printError(`rmdir: '${path}': ${why}\n`);
      status = 1;
    }
    return status;
  },
};

const touch: Applet = {
  name: 'touch',
  usage: '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...',
  flags: 'cham',
  values: 'dtr',
  *run(args) {
    let status = 0;
    for (const path of args.operands) {
      if ((yield* sys.stat(path)) !== undefined || args.flags.has('c')) continue;
      const made = yield* sys.writeFile(path, new Uint8Array());
      if (made.ok) continue;
      yield* sys.printError(`touch: ${path}: ${errnoText(made.error)}\n`);
      status = 1;
    }
    return status;
  },
};

function copier(name: 'cp' | 'mv'): Applet {
  return {
    name,
    usage: name === 'cp' ? '[-arPLHpfinlsTu] SOURCE... DEST' : '[-finT] SOURCE... DEST',
    flags: 'arPLHpfinuTRv',
    *run(args) {
      const sources = args.operands.slice(0, -1);
      const target = args.operands.at(-1);
      if (target === undefined || sources.length === 0) {
        yield* sys.printError(`${name}: missing file operand\n`);
        return 1;
      }
      const intoDirectory = (yield* sys.stat(target))?.type === 'directory';
      let status = 0;
      for (const source of sources) {
        const destination = intoDirectory
          ? `${target}/${source.split('/').filter(Boolean).at(-1) ?? ''}`
          : target;
        const problem = yield* copyTree(
          source,
          destination,
          name === 'mv' || args.flags.has('r') || args.flags.has('a') || args.flags.has('R'),
        );
        if (problem !== undefined) {
          status = 1;
          yield* sys.printError(`${name}: ${problem}\n`);
        } else if (name === 'mv') {
          yield* sys.removeFile(source, true);
        }
      }
      return status;
    },
  };
}

function* copyTree(source: string, destination: string, recursive: boolean): sys.Sys<string | undefined> {
  const stat = yield* sys.stat(source);
  if (stat === undefined) return `can't stat '${source}': No such file or directory`;
  if (stat.type === 'directory') {
    if (!recursive) return `omitting directory '${source}'`;
    yield* sys.makeDirectory(destination, true);
    const names = yield* sys.readDirectory(source);
    for (const name of names.ok ? names.value : []) {
      const problem = yield* copyTree(`${source}/${name}`, `${destination}/${name}`, true);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const content = yield* sys.readFile(source);
  if (!content.ok) return `can't open '${source}': ${errnoText(content.error)}`;
  const written = yield* sys.writeFile(destination, content.value);
  return written.ok ? undefined : `can't create '${destination}': ${errnoText(written.error)}`;
}

const tee: Applet = {
  name: 'tee',
  usage: '[-ai] [FILE]...',
  flags: 'ai',
  *run(args) {
    let status = 0;
    for (const file of args.operands) {
      if (!args.flags.has('a')) yield* sys.writeFile(file, new Uint8Array());
    }
    for (let bytes = yield* sys.readStdin(); bytes !== undefined; bytes = yield* sys.readStdin()) {
      yield* sys.write(1, bytes);
      for (const file of args.operands) {
        const written = yield* sys.writeFile(file, bytes, true);
        if (written.ok) continue;
        status = 1;
        yield* sys.printError(`tee: ${file}: ${errnoText(written.error)}\n`);
      }
    }
    return status;
  },
};

const basename: Applet = {
  name: 'basename',
  usage: 'FILE [SUFFIX]',
  *run(args) {
    const [path = '', suffix = ''] = args.operands;
    const base = path.replace(/\/+$/, '').split('/').at(-1) || '/';
    yield* sys.print(
      `${suffix !== '' && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base}\n`,
    );
    return 0;
  },
};

const dirname: Applet = {
  name: 'dirname',
  usage: 'FILENAME',
  *run(args) {
    const path = (args.operands[0] ?? '').replace(/\/+$/, '');
    const slash = path.lastIndexOf('/');
    yield* sys.print(`${slash < 0 ? '.' : path.slice(0, slash) || '/'}\n`);
    return 0;
  },
};

const which: Applet = {
  name: 'which',
  usage: '[-a] COMMAND...',
  flags: 'a',
  *run(args, start) {
    let status = 0;
    const folders = (
      start.env.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    ).split(':');
    for (const command of args.operands) {
      let found = false;
      for (const path of command.includes('/')
        ? [command]
        : folders.map((folder) => `${folder}/${command}`)) {
        const stat = yield* sys.stat(path);
        if (stat?.type !== 'file' || !stat.executable || found) continue;
        found = true;
        yield* sys.print(`${path}\n`);
      }
      if (!found) status = 1;
    }
    return status;
  },
};

/** The commands of this file. */
export const fileApplets: readonly (readonly [string, Program])[] = [
  cat,
  ls,
  mkdir,
  rm,
  rmdir,
  touch,
  copier('cp'),
  copier('mv'),
  tee,
  basename,
  dirname,
  which,
].map((applet) => [applet.name, createApplet(applet)] as const);
