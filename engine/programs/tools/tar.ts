/**
 * tar: GNU's as Debian has it, and busybox's; what `kubectl cp` runs in containers. Creates, lists and extracts.
 *
 * Left out: compression, links, owners and times, which the file systems here don't keep.
 */

import { decodeArchive, encodeMember, endOfArchive, type TarMember } from '../../base/tar-archive.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import { errnoText } from '../errno-text.ts';

const options: OptionTable = {
  flags: {
    c: 'create',
    create: 'create',
    x: 'extract',
    extract: 'extract',
    get: 'extract',
    t: 'list',
    list: 'list',
    v: 'verbose',
    verbose: 'verbose',
    m: 'touch',
    touch: 'touch',
    p: 'permissions',
    'preserve-permissions': 'permissions',
    'same-permissions': 'permissions',
    'no-same-permissions': 'no-permissions',
    o: 'no-owner',
    'no-same-owner': 'no-owner',
    'same-owner': 'owner',
    P: 'absolute',
    'absolute-names': 'absolute',
    overwrite: 'overwrite',
    k: 'keep',
  },
  values: { f: 'file', file: 'file', C: 'directory', directory: 'directory' },
};

/** The words of one of the two programs. */
interface Form {
  /** Bytes that an archive is filled up to. */
  readonly recordBytes: number;
  readonly failureCode: number;
  readonly strippedSlash: string;
  readonly delayed: string;
  readonly cannotOpen: (path: string, why: string) => string;
  readonly cannotStat: (path: string, why: string) => string;
  readonly cannotChange: (path: string, why: string) => string;
  readonly notAnArchive: string;
  readonly truncated: string;
  readonly notFound: (name: string) => string;
  readonly noFiles: string;
  readonly usage: string;
}

/** Recorded: GNU tar 1.34. */
const gnu: Form = {
  recordBytes: 10_240,
  failureCode: 2,
  strippedSlash: "Removing leading `/' from member names",
  delayed: 'Exiting with failure status due to previous errors',
  cannotOpen: (path, why) => `${path}: Cannot open: ${why}\ntar: Error is not recoverable: exiting now`,
  cannotStat: (path, why) => `${path}: Cannot stat: ${why}`,
  cannotChange: (path, why) => `${path}: Cannot open: ${why}\ntar: Error is not recoverable: exiting now`,
  notAnArchive:
    'This does not look like a tar archive\ntar: Exiting with failure status due to previous errors',
  truncated: 'Unexpected EOF in archive\ntar: Error is not recoverable: exiting now',
  notFound: (name) => `${name}: Not found in archive`,
  noFiles:
    "Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.",
  usage:
    "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.",
};

/** Source: busybox 1.36, archival/tar.c and archival/libarchive. */
const busybox: Form = {
  recordBytes: 512,
  failureCode: 1,
  strippedSlash: "removing leading '/' from member names",
  delayed: 'error exit delayed from previous errors',
  cannotOpen: (path, why) => `can't open '${path}': ${why}`,
  cannotStat: (path, why) => `${path}: ${why}`,
  cannotChange: (path, why) => `can't change directory to '${path}': ${why}`,
  notAnArchive: 'invalid tar magic',
  truncated: 'short read',
  notFound: (name) => `${name}: not found in archive`,
  noFiles: 'empty archive',
  usage: 'must specify one of -c, -x or -t',
};

/** GNU tar. */
export const tar: Program = (start) => runTar(start.argv, gnu);

/** busybox tar. */
export const tarBusybox: Program = (start) => runTar(start.argv, busybox);

function* runTar(argv: readonly string[], form: Form): sys.Sys<number> {
  const parsed = parseArguments(withDash(argv.slice(1)), options);
  if (!parsed.ok) {
    const { option, kind } = parsed.error;
    const why =
      kind === 'needs-value'
        ? `option requires an argument -- '${option.replace(/^-+/, '')}'`
        : option.startsWith('--')
          ? `unrecognized option '${option}'`
          : `invalid option -- '${option.slice(1)}'`;
    yield* say(`${why}\nTry 'tar --help' or 'tar --usage' for more information.`);
    return form.failureCode;
  }
  const args = parsed.value;
  const folder = args.value('directory');
  if (folder !== undefined && (yield* sys.stat(folder))?.type !== 'directory') {
    yield* say(form.cannotChange(folder, errnoText('ENOENT')));
    return form.failureCode;
  }
  if (args.flags.has('create')) return yield* create(args, form);
  if (args.flags.has('extract') || args.flags.has('list')) return yield* read(args, form);
  yield* say(form.usage);
  return form.failureCode;
}

/** The first argument may be a bundle of letters without a dash, as of old. */
function withDash(args: readonly string[]): readonly string[] {
  const [first = '', ...rest] = args;
  return first === '' || first.startsWith('-') ? args : [`-${first}`, ...rest];
}

function* say(message: string): sys.Sys<void> {
  yield* sys.printError(`tar: ${message}\n`);
}

function within(args: ParsedArguments, path: string): string {
  const folder = args.value('directory');
  return folder === undefined || path.startsWith('/') ? path : `${folder}/${path}`;
}

function* create(args: ParsedArguments, form: Form): sys.Sys<number> {
  if (args.operands.length === 0) {
    yield* say(form.noFiles);
    return form.failureCode;
  }
  const file = args.value('file') ?? '-';
  const pieces: Uint8Array[] = [];
  let length = 0;
  let hasFailed = false;
  let hasStripped = false;
  const todo = [...args.operands];
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    const member = yield* readMember(within(args, path), path);
    if (member === undefined) {
      hasFailed = true;
      yield* say(form.cannotStat(path, errnoText('ENOENT')));
      continue;
    }
    const isAbsolute = member.name.startsWith('/') && !args.flags.has('absolute');
    if (isAbsolute && !hasStripped) {
      hasStripped = true;
      yield* say(form.strippedSlash);
    }
    const name = isAbsolute ? member.name.replace(/^\/+/, '') || './' : member.name;
    const bytes = encodeMember({ ...member, name });
    pieces.push(bytes);
    length += bytes.length;
    if (args.flags.has('verbose')) yield* sys.printError(`${member.name}\n`);
    if (member.type !== 'directory') continue;
    const names = yield* sys.readDirectory(within(args, path));
    if (names.ok) todo.unshift(...names.value.map((inner) => `${path.replace(/\/+$/, '')}/${inner}`));
  }
  pieces.push(endOfArchive(length, form.recordBytes));
  const archive = Buffer.concat(pieces);
  if (file === '-') {
    yield* sys.write(1, archive);
  } else {
    const written = yield* sys.writeFile(file, archive);
    if (!written.ok) {
      yield* say(form.cannotOpen(file, errnoText(written.error)));
      return form.failureCode;
    }
  }
  if (hasFailed) yield* say(form.delayed);
  return hasFailed ? form.failureCode : 0;
}

function* readMember(path: string, name: string): sys.Sys<TarMember | undefined> {
  const stat = yield* sys.stat(path);
  if (stat === undefined) return undefined;
  const modifiedMs = yield* sys.now();
  if (stat.type === 'directory') {
    const slashed = name.endsWith('/') ? name : `${name}/`;
    return { name: slashed, type: 'directory', mode: 0o755, modifiedMs, bytes: new Uint8Array() };
  }
  const content = yield* sys.readFile(path);
  const bytes = content.ok ? content.value : new Uint8Array();
  return { name, type: 'file', mode: stat.executable ? 0o755 : 0o644, modifiedMs, bytes };
}

/** The most that an archive may hold on its way in. */
const maxArchiveBytes = 16 * 1024 * 1024;

function* read(args: ParsedArguments, form: Form): sys.Sys<number> {
  const file = args.value('file') ?? '-';
  const content = file === '-' ? undefined : yield* sys.readFile(file);
  if (content !== undefined && !content.ok) {
    yield* say(form.cannotOpen(file, errnoText(content.error)));
    return form.failureCode;
  }
  const bytes = content === undefined ? yield* sys.readAllStdin(maxArchiveBytes) : content.value;
  const archive = decodeArchive(bytes);
  if (!archive.ok) {
    yield* say(archive.error === 'truncated' ? form.truncated : form.notAnArchive);
    return form.failureCode;
  }
  const wanted = args.operands.map((name) => name.replace(/\/+$/, ''));
  const found = new Set<string>();
  let hasFailed = false;
  for (const member of archive.value) {
    const name = member.name.replace(/\/+$/, '');
    const asked = wanted.find((want) => name === want || name.startsWith(`${want}/`));
    if (wanted.length > 0 && asked === undefined) continue;
    if (asked !== undefined) found.add(asked);
    if (args.flags.has('list')) {
      yield* sys.print(`${args.flags.has('verbose') ? describe(member) : member.name}\n`);
      continue;
    }
    if (args.flags.has('verbose')) yield* sys.print(`${member.name}\n`);
    if (!(yield* extract(member, args))) {
      hasFailed = true;
      yield* say(`${member.name}: Cannot open: ${errnoText('EEXIST')}`);
    }
  }
  for (const want of wanted.filter((each) => !found.has(each))) {
    hasFailed = true;
    yield* say(form.notFound(want));
  }
  if (hasFailed) yield* say(form.delayed);
  return hasFailed ? form.failureCode : 0;
}

/** Puts a member into its folder; names that lead out of it are kept inside. */
function* extract(member: TarMember, args: ParsedArguments): sys.Sys<boolean> {
  const segments = member.name.split('/').filter((segment) => !['', '.', '..'].includes(segment));
  if (segments.length === 0 || member.type === 'other') return true;
  const path = `${args.value('directory') ?? '.'}/${segments.join('/')}`;
  if (member.type === 'directory') {
    const made = yield* sys.makeDirectory(path, true);
    return made.ok || made.error === 'EEXIST';
  }
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (folder !== '') yield* sys.makeDirectory(folder, true);
  const written = yield* sys.writeFile(path, Uint8Array.from(member.bytes));
  return written.ok;
}

function describe(member: TarMember): string {
  const letters = [6, 3, 0]
    .map((shift) => {
      const bits = member.mode >> shift;
      return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${(bits & 1) === 0 ? '-' : 'x'}`;
    })
    .join('');
  const size = String(member.bytes.length);
  const time = new Date(member.modifiedMs).toISOString().slice(0, 16).replace('T', ' ');
  const owner = 'root/root';
  return `${member.type === 'directory' ? 'd' : '-'}${letters} ${owner} ${size.padStart(18 - owner.length)} ${time} ${member.name}`;
}
