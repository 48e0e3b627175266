/**
 * nginx's configuration files: blocks and directives, and from them the servers. Directives that change nothing which
 * can be seen here are read over. Left out: regular expressions in `location`, `if`, `map`, `rewrite`, stream.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { type NginxPeer, readPeers, readTimeMs } from './nginx-upstream.ts';

/** A directive with its block, if it has one. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly file: string;
  readonly line: number;
}

/** How a location answers. All of it is JSON, since connections are handed it. */
export type NginxLocation = {
  readonly modifier: '' | '=' | '^~';
  readonly path: string;
  readonly root: string;
  /** Replaces the location's path instead of being put in front. */
  readonly alias?: string;
  readonly index: readonly string[];
  readonly returns?: { readonly status: number; readonly text: string };
  readonly proxy?: {
    readonly upstream: string;
    readonly path: string;
    readonly connectTimeoutMs: number;
    readonly readTimeoutMs: number;
    /** Whether a server that failed is followed by the next one. */
    readonly triesNext: boolean;
    /** Fields that are sent instead of the client's; an empty one is left out. */
    readonly setHeaders: readonly (readonly [string, string])[];
  };
  readonly defaultType?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly autoindex: boolean;
  readonly where: string;
};

/** A server block. */
export type NginxServer = {
  readonly listens: readonly {
    readonly address: string;
    readonly port: number;
    readonly isDefault: boolean;
  }[];
  readonly names: readonly string[];
  /** Longest path first; the last one is `/`. */
  readonly locations: readonly NginxLocation[];
  readonly accessLog: boolean;
};

/** What a configuration says. */
export interface NginxSettings {
  readonly servers: readonly NginxServer[];
  /** Groups of servers by name. */
  readonly upstreams: ReadonlyMap<string, readonly NginxPeer[]>;
  readonly daemon: boolean;
}

/** Parses one file; the error is worded as nginx words it, without `nginx: [emerg] `. */
export function parseNginxFile(file: string, text: string): Result<readonly Directive[], string> {
  const tokens = tokenize(text);
  const stack: { readonly items: Directive[]; readonly open: Omit<Directive, 'block'> | undefined }[] = [
    { items: [], open: undefined },
  ];
  let words: { readonly text: string; readonly line: number }[] = [];
  for (const token of tokens) {
    const top = stack.at(-1);
    if (top === undefined) break;
    const [first] = words;
    if (token.kind === 'word') {
      words.push(token);
    } else if (token.kind === 'end') {
      if (first !== undefined || stack.length > 1) {
        return err(
          `unexpected end of file, expecting ${first === undefined ? '"}"' : '";" or "}"'} in ${file}:${token.line}`,
        );
      }
    } else if (first === undefined && token.kind !== '}') {
      return err(`unexpected "${token.kind}" in ${file}:${token.line}`);
    } else if (token.kind === '}') {
      const closed = stack.pop();
      const parent = stack.at(-1);
      if (first !== undefined || closed?.open === undefined || parent === undefined) {
        return err(`unexpected "}" in ${file}:${token.line}`);
      }
      parent.items.push({ ...closed.open, block: closed.items });
    } else if (first !== undefined) {
      const args = words.slice(1).map((word) => word.text);
      const directive = { name: first.text, args, file, line: first.line };
      if (token.kind === ';') top.items.push({ ...directive, block: undefined });
      else stack.push({ items: [], open: directive });
      words = [];
    }
  }
  return ok(stack[0]?.items ?? []);
}

/** Reads the servers out of a main file whose includes were put in place. */
export function readSettings(directives: readonly Directive[]): Result<NginxSettings, string> {
  const http = directives.filter(({ name }) => name === 'http').flatMap(({ block }) => block ?? []);
  const servers: NginxServer[] = [];
  const upstreams = new Map<string, readonly NginxPeer[]>();
  for (const directive of http) {
    if (directive.name === 'upstream') {
      const peers = readPeers(directive.block ?? []);
      if (!peers.ok) return peers;
      const group = directive.args[0] ?? '';
      if (peers.value.length === 0)
        return err(`no servers are inside upstream in ${directive.file}:${directive.line}`);
      upstreams.set(group, peers.value);
    }
    if (directive.name !== 'server') continue;
    const server = readServer(directive.block ?? [], http);
    if (!server.ok) return server;
    servers.push(server.value);
  }
  const daemon = directives.findLast(({ name }) => name === 'daemon')?.args[0] !== 'off';
  return ok({ servers, upstreams, daemon });
}

/** The location that answers for a path: an exact one, else the longest prefix. */
export function findLocation(server: NginxServer, path: string): NginxLocation | undefined {
  return (
    server.locations.find((location) => location.modifier === '=' && location.path === path) ??
    server.locations.find((location) => location.modifier !== '=' && path.startsWith(location.path))
  );
}

function readServer(block: readonly Directive[], http: readonly Directive[]): Result<NginxServer, string> {
  const listens: { address: string; port: number; isDefault: boolean }[] = [];
  for (const { args, file, line } of block.filter(({ name }) => name === 'listen')) {
    const [where = '', ...flags] = args;
    if (where.startsWith('[') || where.startsWith('unix:')) continue;
    const match = /^(?:([^:]+):)?(\d+)$/.exec(where) ?? /^([^:]+)()$/.exec(where);
    const port = match?.[2] === '' ? 80 : Number(match?.[2]);
    const address = match?.[1] ?? '*';
    if (match === null || !(port > 0 && port < 65_536)) {
      return err(`invalid port in "${where}" of the "listen" directive in ${file}:${line}`);
    }
    listens.push({
      address: address === '*' ? '0.0.0.0' : address,
      port,
      isDefault: flags.includes('default_server'),
    });
  }
  if (listens.length === 0 && !block.some(({ name }) => name === 'listen')) {
    listens.push({ address: '0.0.0.0', port: 80, isDefault: false });
  }
  const outer = [...http, ...block];
  const locations = block
    .filter(({ name, args }) => name === 'location' && !(args[0] ?? '').startsWith('~'))
    .map((directive) => readLocation(directive, outer));
  const whole: Directive = { name: 'location', args: ['/'], block: [], file: '', line: 0 };
  locations.push(readLocation(whole, outer));
  const serverReturn = block.some(({ name }) => name === 'return');
  return ok({
    listens,
    names: block.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args),
    locations: serverReturn
      ? [readLocation(whole, outer)]
      : locations.sort((a, b) => b.path.length - a.path.length),
    accessLog: outer.findLast(({ name }) => name === 'access_log')?.args[0] !== 'off',
  });
}

function readLocation(location: Directive, outer: readonly Directive[]): NginxLocation {
  const inner = location.block ?? [];
  const last = (name: string) =>
    (inner.findLast((item) => item.name === name) ?? outer.findLast((item) => item.name === name))?.args;
  const [first = '/', second] = location.args;
  const modifier = second === undefined ? '' : first === '=' ? '=' : first === '^~' ? '^~' : '';
  const [status, ...text] =
    inner.find(({ name }) => name === 'return')?.args ??
    outer.find(({ name }) => name === 'return')?.args ??
    [];
  const proxy = inner.find(({ name }) => name === 'proxy_pass')?.args[0];
  const target = /^http:\/\/([^/]+)(\/.*)?$/.exec(proxy ?? '');
  const headers = inner.some(({ name }) => name === 'add_header') ? inner : outer;
  const alias = inner.find(({ name }) => name === 'alias')?.args[0];
  const defaultType = last('default_type')?.[0];
  return {
    modifier,
    path: second ?? first,
    root: last('root')?.[0] ?? '/etc/nginx/html',
    index: last('index') ?? ['index.html'],
    headers: headers
      .filter(({ name }) => name === 'add_header')
      .map(({ args }) => [args[0] ?? '', args[1] ?? ''] as const),
    autoindex: last('autoindex')?.[0] === 'on',
    where: `${location.file}:${inner.find(({ name }) => name === 'proxy_pass')?.line ?? location.line}`,
    ...(alias === undefined ? {} : { alias }),
    ...(defaultType === undefined ? {} : { defaultType }),
    ...(status === undefined ? {} : { returns: returnOf(status, text[0]) }),
    ...(target === null
      ? {}
      : {
          proxy: {
            upstream: target[1] ?? '',
            path: target[2] ?? '',
            connectTimeoutMs: readTimeMs(last('proxy_connect_timeout')?.[0] ?? '') ?? proxyTimeoutMs,
            readTimeoutMs: readTimeMs(last('proxy_read_timeout')?.[0] ?? '') ?? proxyTimeoutMs,
            triesNext: last('proxy_next_upstream')?.[0] !== 'off',
            setHeaders: (inner.some(isSetHeader) ? inner : outer)
              .filter(isSetHeader)
              .map(({ args }) => [args[0] ?? '', args[1] ?? ''] as const),
          },
        }),
  };
}

/** Source: ngx_http_proxy_module, proxy_connect_timeout and proxy_read_timeout. */
const proxyTimeoutMs = 60_000;

function isSetHeader({ name }: Directive): boolean {
  return name === 'proxy_set_header';
}

/** `return 200 "text"`, `return 404`, and `return URL`, which is a 302. */
function returnOf(
  first: string,
  text: string | undefined,
): { readonly status: number; readonly text: string } {
  return /^\d{3}$/.test(first) ? { status: Number(first), text: text ?? '' } : { status: 302, text: first };
}

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly line: number }
  | { readonly kind: ';' | '{' | '}' | 'end'; readonly line: number };

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let index = 0;
  while (index < text.length) {
    const character = text.charAt(index);
    if (character === '\n') line += 1;
    if (/\s/.test(character)) {
      index += 1;
    } else if (character === '#') {
      while (index < text.length && text.charAt(index) !== '\n') index += 1;
    } else if (character === ';' || character === '{' || character === '}') {
      tokens.push({ kind: character, line });
      index += 1;
    } else {
      const start = line;
      const quote = character === '"' || character === "'" ? character : '';
      let word = '';
      if (quote !== '') index += 1;
      while (index < text.length) {
        const next = text.charAt(index);
        if (quote === '' ? /[\s;{}]/.test(next) && !(next === '{' && word.endsWith('$')) : next === quote)
          break;
        if (next === '\n') line += 1;
        if (next === '\\' && index + 1 < text.length) {
          index += 1;
          word += escapes.get(text.charAt(index)) ?? `\\${text.charAt(index)}`;
        } else {
          word += next;
        }
        index += 1;
      }
      if (quote !== '') index += 1;
      tokens.push({ kind: 'word', text: word, line: start });
    }
  }
  tokens.push({ kind: 'end', line });
  return tokens;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
]);
