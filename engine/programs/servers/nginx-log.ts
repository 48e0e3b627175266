/** What nginx's connections share: their configuration, and the error log. */
import * as sys from '../../net/process/sys.ts';
import type { NginxServer } from './nginx-config.ts';
import type { NginxPeer } from './nginx-upstream.ts';

/** What every connection is handed. */
export type NginxConfig = {
  readonly version: string;
  readonly pid: number;
  readonly hostname: string;
  readonly servers: readonly NginxServer[];
  /** Resolved servers by the name of the upstream. */
  readonly upstreams: { readonly [name: string]: readonly NginxPeer[] };
};

/** Writes a line of the error log. */
export function* logError(level: string, pid: number, message: string): sys.Sys<void> {
  const time = new Date(yield* sys.now()).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/');
  yield* sys.printError(`${time} [${level}] ${pid}#${pid}: ${message}\n`);
}
