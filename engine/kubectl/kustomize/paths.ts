/** Paths in a kustomization, which are relative to its folder. */
import type { KubectlHost } from '../host.ts';

/** The path as messages name it: from the root. */
export function absolute(host: KubectlHost, path: string): string {
  if (path.startsWith('/')) return path;
  return path === '.' ? host.cwd : joinPath(host.cwd, path);
}

/** What an entry of a folder's kustomization leads to. */
export function joinPath(folder: string, entry: string): string {
  if (entry.startsWith('/')) return entry;
  const parts: string[] = folder === '.' ? [] : folder.split('/');
  for (const part of entry.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') || (folder.startsWith('/') ? '/' : '.');
}
