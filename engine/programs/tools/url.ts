/** URLs as curl and wget take them: the scheme may be missing. */

/** A URL taken apart. */
export interface ParsedUrl {
  readonly scheme: string;
  readonly userinfo?: string;
  readonly host: string;
  readonly port: number;
  /** Whether the port was written. */
  readonly explicitPort: boolean;
  /** Path and query, as sent in the request line. */
  readonly target: string;
}

/** Takes a URL apart; undefined when it has no host. */
export function parseUrl(text: string): ParsedUrl | undefined {
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^/?#@]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/.exec(
      text,
    );
  if (match === null) return undefined;
  if (match[1] === undefined && /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) return undefined;
  const [, scheme = 'http', userinfo, host = '', portText = '', rest = ''] = match;
  if (host === '' || /[\s]/.test(host)) return undefined;
  const standard = scheme.toLowerCase() === 'https' ? 443 : 80;
  const port = portText === '' ? standard : Number(portText);
  if (port > 65_535) return undefined;
  return {
    scheme: scheme.toLowerCase(),
    ...(userinfo === undefined ? {} : { userinfo }),
    host,
    port,
    explicitPort: portText !== '' && port !== standard,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** Where a `Location` leads from a URL. */
export function resolveLocation(base: ParsedUrl, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location;
  const origin = `${base.scheme}://${base.host}${base.explicitPort ? `:${base.port}` : ''}`;
  if (location.startsWith('/')) return `${origin}${location}`;
  const folder = (base.target.split('?', 1)[0] ?? '/').replace(/[^/]*$/, '');
  return `${origin}${folder}${location}`;
}
