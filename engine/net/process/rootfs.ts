/**
 * File systems: image layers below, changes above, as overlayfs lays them. There are no owners, permissions, symbolic
 * links or times; a directory exists when something lies in it or when it was made.
 */
import { compareKeys } from '../../base/sorted-map.ts';
import type { FileContent, FileLayer } from '../linux.ts';
import { joinBytes } from './bytes.ts';
import type { Errno } from './errno.ts';
import type { RootfsState } from './state.ts';
import type { FileStat } from './syscalls.ts';

const encoder = new TextEncoder();

/** A file system on these layers, the last of which lies uppermost. Forks share the layers. */
export function createRootfs(
  layers: readonly FileLayer[],
  mounts: ReadonlyMap<string, RootfsState> = new Map(),
): RootfsState {
  return {
    layers: Object.freeze(layers.map((layer) => Object.freeze({ files: Object.freeze(layer.files) }))),
    changes: new Map(),
    // The deepest first, so that one inside another is found.
    mounts: new Map([...mounts].sort(([a], [b]) => b.length - a.length)),
    localPids: new Map(),
    initPid: undefined,
    nextLocalPid: 1,
  };
}

/** An absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The file system that a path leads into, and the path there. */
export function crossMounts(
  rootfs: RootfsState,
  path: string,
): { readonly rootfs: RootfsState; readonly path: string } {
  for (const [point, mounted] of rootfs.mounts) {
    if (path === point) return { rootfs: mounted, path: '/' };
    if (path.startsWith(`${point}/`)) return { rootfs: mounted, path: path.slice(point.length) };
  }
  return { rootfs, path };
}

/** The content at an absolute path; directories have none. */
export function lookUp(outer: RootfsState, outerPath: string): FileContent | undefined {
  const { rootfs, path } = crossMounts(outer, outerPath);
  if (rootfs.changes.has(path)) return rootfs.changes.get(path);
  for (let index = rootfs.layers.length - 1; index >= 0; index -= 1) {
    const content = rootfs.layers[index]?.files.get(path);
    if (content !== undefined) return content;
  }
  return undefined;
}

/** The bytes of a file; an executable reads as an ELF header. */
export function contentBytes(content: FileContent): Uint8Array {
  if (typeof content === 'string') return encoder.encode(content);
  if (content instanceof Uint8Array) return content;
  return Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
}

/** What lies at a path, or undefined. */
export function statPath(outer: RootfsState, outerPath: string): FileStat | undefined {
  const { rootfs, path } = crossMounts(outer, outerPath);
  const content = path === '/' ? undefined : lookUp(rootfs, path);
  if (content !== undefined) {
    const executable = isExecutable(content);
    return { type: 'file', sizeBytes: contentBytes(content).length, executable };
  }
  if (path === '/' || isDirectory(rootfs, path)) {
    return { type: 'directory', sizeBytes: 4096, executable: true };
  }
  return undefined;
}

/** The names in a directory, sorted. */
export function listDirectory(outer: RootfsState, outerPath: string): readonly string[] | Errno {
  const { rootfs, path } = crossMounts(outer, outerPath);
  const stat = statPath(rootfs, path);
  if (stat === undefined) return 'ENOENT';
  if (stat.type === 'file') return 'ENOTDIR';
  const prefix = path === '/' ? '/' : `${path}/`;
  const names = new Set<string>();
  for (const inside of visiblePaths(rootfs)) {
    if (!inside.startsWith(prefix)) continue;
    const name = inside.slice(prefix.length).split('/', 1)[0];
    if (name !== undefined && name !== '') names.add(name);
  }
  return [...names].sort(compareKeys);
}

/** Writes a file whose directory exists. */
export function writePath(
  outer: RootfsState,
  outerPath: string,
  bytes: Uint8Array,
  append: boolean,
): Errno | undefined {
  const { rootfs, path } = crossMounts(outer, outerPath);
  if (statPath(rootfs, path)?.type === 'directory') return 'EISDIR';
  const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  const above = statPath(rootfs, parent);
  if (above === undefined) return 'ENOENT';
  if (above.type === 'file') return 'ENOTDIR';
  const before = append ? lookUp(rootfs, path) : undefined;
  rootfs.changes.set(path, before === undefined ? bytes : joinBytes([contentBytes(before), bytes]));
  return undefined;
}

/** Removes a file, or a directory: an empty one, or with everything in it. */
export function removePath(outer: RootfsState, outerPath: string, recursive: boolean): Errno | undefined {
  const { rootfs, path } = crossMounts(outer, outerPath);
  if (rootfs !== outer && path === '/') return 'EPERM';
  const stat = statPath(rootfs, path);
  if (stat === undefined) return 'ENOENT';
  if (stat.type === 'file') {
    rootfs.changes.set(path, undefined);
    return undefined;
  }
  const prefix = path === '/' ? '/' : `${path}/`;
  const inside = [...visiblePaths(rootfs)].filter((candidate) => candidate.startsWith(prefix));
  if (!recursive && inside.some((candidate) => candidate !== prefix)) return 'ENOTEMPTY';
  for (const candidate of inside) rootfs.changes.set(candidate, undefined);
  return undefined;
}

/** Makes a directory, with those above it when `parents` says so. */
export function makeDirectory(outer: RootfsState, outerPath: string, parents: boolean): Errno | undefined {
  const { rootfs, path } = crossMounts(outer, outerPath);
  const stat = statPath(rootfs, path);
  if (stat !== undefined) return parents && stat.type === 'directory' ? undefined : 'EEXIST';
  const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  const above = statPath(rootfs, parent);
  if (above === undefined && !parents) return 'ENOENT';
  if (above?.type === 'file') return 'ENOTDIR';
  rootfs.changes.set(`${path}/`, '');
  return undefined;
}

/** The absolute path of a command: as given when it holds a slash, else the first match in PATH. */
export function findExecutable(
  rootfs: RootfsState,
  command: string,
  environment: ReadonlyMap<string, string>,
  cwd: string,
): { readonly path: string; readonly content: FileContent } | Errno {
  const folders = command.includes('/')
    ? ['']
    : (environment.get('PATH') ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':');
  let failure: Errno = 'ENOENT';
  for (const folder of folders) {
    const path = resolvePath(cwd, folder === '' ? command : `${folder}/${command}`);
    const content = lookUp(rootfs, path);
    if (content !== undefined && isExecutable(content)) return { path, content };
    if (content !== undefined || statPath(rootfs, path) !== undefined) failure = 'EACCES';
  }
  return failure;
}

/** The command line for a script: its interpreter with at most one argument, then the script. Source: execve(2). */
export function toInterpreter(
  path: string,
  content: FileContent,
  argv: readonly string[],
): readonly string[] {
  const [firstLine = ''] = new TextDecoder().decode(contentBytes(content).subarray(0, 256)).split('\n', 1);
  const [, interpreter = '', argument = ''] = /^#!\s*(\S+)(.*)$/.exec(firstLine) ?? [];
  const words = argument.trim();
  // `#!/usr/bin/env sh` names a program to be looked for in PATH.
  const command = interpreter.endsWith('/env')
    ? [words]
    : words === ''
      ? [interpreter]
      : [interpreter, words];
  return [...command, path, ...argv.slice(1)];
}

/** A program, or a script that names its interpreter in its first line. */
function isExecutable(content: FileContent): boolean {
  if (typeof content === 'string') return content.startsWith('#!');
  if (content instanceof Uint8Array) return content[0] === 0x23 && content[1] === 0x21;
  return true;
}

function isDirectory(rootfs: RootfsState, path: string): boolean {
  const prefix = `${path}/`;
  for (const [candidate, content] of rootfs.changes) {
    if (content !== undefined && candidate.startsWith(prefix)) return true;
  }
  return rootfs.layers.some(
    ({ files }) => directoriesOf(files).has(path) && isVisibleBelow(files, prefix, rootfs.changes),
  );
}

/** A directory of a layer is gone when everything in it was removed. */
function isVisibleBelow(files: FileLayer['files'], prefix: string, changes: RootfsState['changes']): boolean {
  for (const candidate of files.keys()) {
    if (candidate.startsWith(prefix) && !changes.has(candidate)) return true;
  }
  return false;
}

/** The directories of layers, which never change: most folders of a PATH are in none, and each command asks for several. */
const knownDirectories = new WeakMap<FileLayer['files'], ReadonlySet<string>>();

function directoriesOf(files: FileLayer['files']): ReadonlySet<string> {
  const known = knownDirectories.get(files);
  if (known !== undefined) return known;
  const directories = new Set<string>();
  for (const path of files.keys()) {
    for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      directories.add(path.slice(0, slash));
    }
  }
  knownDirectories.set(files, directories);
  return directories;
}

export function* visiblePaths(rootfs: RootfsState): Generator<string> {
  for (const [path, content] of rootfs.changes) {
    if (content !== undefined) yield path;
  }
  for (const layer of rootfs.layers) {
    for (const path of layer.files.keys()) {
      if (!rootfs.changes.has(path)) yield path;
    }
  }
}
