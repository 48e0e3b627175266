/** The files that `-f` names: single ones, folders, stdin. It stands for cli-runtime's file visitors. */

import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import { unreachableMessage } from '../rest/dial.ts';

/** One file with its contents. */
export interface ManifestFile {
  /** As messages name it; `STDIN` for `-`. */
  readonly source: string;
  readonly text: string;
}

const manifestExtensions = ['.json', '.yaml', '.yml'];

/** Reads what `-f` names, in order; folders in order of names, their folders only with `recursive`. */
export async function readManifestFiles(
  host: KubectlHost,
  names: readonly string[],
  recursive: boolean,
): Promise<Outcome<readonly ManifestFile[]>> {
  const files: ManifestFile[] = [];
  for (const name of names) {
    const read = await readOne(host, name, recursive);
    if (!read.ok) return read;
    files.push(...read.value);
  }
  return ok(files);
}

async function readOne(
  host: KubectlHost,
  name: string,
  recursive: boolean,
): Promise<Outcome<readonly ManifestFile[]>> {
  if (name === '-') return ok([{ source: 'STDIN', text: host.stdin }]);
  if (/^https?:\/\//.test(name)) {
    const address = name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    return { ok: false, error: { kind: 'unreachable', message: unreachableMessage(address) } };
  }
  const text = await host.readFile(name);
  if (text !== undefined) return ok([{ source: name, text }]);
  const matches = await expandPattern(host, name);
  if (matches.length > 0) return readManifestFiles(host, matches, recursive);
  const folder = await host.listFolder(name);
  if (folder === undefined) return failure(`the path ${JSON.stringify(name)} does not exist`);
  const files = await readFolder(host, name.replace(/\/+$/, ''), folder, recursive);
  if (files.length === 0) {
    const known = `[${manifestExtensions.join(' ')}]`;
    return failure(
      `error reading ${JSON.stringify([name]).replaceAll('"', '')}: recognized file extensions are ${known}`,
    );
  }
  return ok(files);
}

async function readFolder(
  host: KubectlHost,
  folder: string,
  names: readonly string[],
  recursive: boolean,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const name of [...names].sort(compareKeys)) {
    // Source: path/filepath, Join.
    const path = folder === '.' ? name : `${folder}/${name}`.replace(/^(?:\.\/)+/, '');
    if (name.endsWith('/')) {
      if (!recursive) continue;
      const inner = (await host.listFolder(path)) ?? [];
      files.push(...(await readFolder(host, path.slice(0, -1), inner, recursive)));
    } else if (manifestExtensions.some((extension) => name.endsWith(extension))) {
      const text = await host.readFile(path);
      if (text !== undefined) files.push({ source: path, text });
    }
  }
  return files;
}

/** Files of one folder that a quoted pattern with `*` and `?` names. */
async function expandPattern(host: KubectlHost, pattern: string): Promise<readonly string[]> {
  const slash = pattern.lastIndexOf('/');
  const last = pattern.slice(slash + 1);
  if (!/[*?]/.test(last)) return [];
  const folder = slash < 0 ? '.' : pattern.slice(0, slash);
  const names = (await host.listFolder(folder)) ?? [];
  const prefix = slash < 0 ? '' : `${folder}/`;
  return names
    .filter((name) => !name.endsWith('/') && matchesGlob(last, name))
    .map((name) => prefix + name)
    .sort(compareKeys);
}

/** `*` and `?` against a whole name, without backtracking over more than one star at a time. */
function matchesGlob(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (n < name.length) {
    if (p < pattern.length && (pattern.charAt(p) === '?' || pattern.charAt(p) === name.charAt(n))) {
      p += 1;
      n += 1;
    } else if (pattern.charAt(p) === '*') {
      starAt = p;
      resumeAt = n;
      p += 1;
    } else if (starAt >= 0) {
      resumeAt += 1;
      n = resumeAt;
      p = starAt + 1;
    } else {
      return false;
    }
  }
  while (pattern.charAt(p) === '*') p += 1;
  return p === pattern.length;
}
