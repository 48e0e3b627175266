/**
 * What Go says about an API server that does not answer: one that refuses connections, or whose name nobody knows. Source:
 * the words of kubectl v1.36.0 (k8s.io/kubectl/pkg/cmd/util/helpers.go, StandardErrorMessage); the name server that was
 * asked in vain is left out.
 */

/** The request that was made in vain. */
export interface FailedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

/** What a command ends with. */
export function unreachableMessage(server: string): string {
  const url = urlOf(server);
  if (url !== undefined && !isAddress(url.hostname)) return `Unable to connect to the server: ${dialOf(url)}`;
  const host = server.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
  return `The connection to the server ${host} was refused - did you specify the right host or port?`;
}

/** The error of a request itself: `Get "https://…/api": dial tcp …`. Undefined where the server is no URL. */
export function describeFailedRequest(server: string, { method, path }: FailedRequest): string | undefined {
  const url = urlOf(server);
  if (url === undefined) return undefined;
  const verb = `${method.charAt(0)}${method.slice(1).toLowerCase()}`;
  return `${verb} ${JSON.stringify(`${baseOf(server)}${path}`)}: ${dialOf(url)}`;
}

/** Where discovery begins. */
export const discoveryRequest: FailedRequest = { method: 'GET', path: '/api?timeout=32s' };

function baseOf(server: string): string {
  return server.includes('://') ? server : `http://${server}`;
}

function urlOf(server: string): URL | undefined {
  return URL.canParse(baseOf(server)) ? new URL(baseOf(server)) : undefined;
}

function dialOf({ protocol, hostname, port }: URL): string {
  if (!isAddress(hostname)) return `dial tcp: lookup ${hostname}: no such host`;
  const address = hostname === 'localhost' ? '127.0.0.1' : hostname;
  const usual = protocol === 'http:' ? '80' : '443';
  return `dial tcp ${address}:${port === '' ? usual : port}: connect: connection refused`;
}

function isAddress(hostname: string): boolean {
  return hostname === 'localhost' || /^(?:[\d.]+|\[.*\])$/.test(hostname);
}
