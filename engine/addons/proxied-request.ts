/**
 * What the controllers of Ingresses and Gateways are asked by their proxies, and what they answer. The programs that ask are
 * in another room, so these are their JSON as it is seen from here: see `engine/programs/proxy/action.ts`.
 */

/** Header fields in order. */
export type Fields = readonly (readonly [string, string])[];

/** A request as a proxy's program tells of it. */
export interface ProxiedRequest {
  readonly method: string;
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Without port, in lower case. */
  readonly host: string;
  readonly headers: Fields;
  readonly bodyBytes: number;
  readonly clientAddress: string;
  /** The port that the proxy listens on. */
  readonly localPort: number;
  /** A number in [0, 1) for what is left to chance. */
  readonly chance: number;
}

/** Whom the proxy is to ask. A type, not an interface, since it leaves as JSON. */
export type ForwardDecision = {
  readonly kind: 'forward';
  readonly upstream: string;
  readonly endpoints: readonly string[];
  /** The endpoint to begin with; the proxy takes turns when absent. */
  readonly first?: number;
  readonly tries: number;
  readonly secure: boolean;
  readonly method: string;
  readonly target: string;
  readonly headers: Fields;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly hiddenHeaders: readonly string[];
  readonly addedHeaders: Fields;
};

/** The value of the first header field with a name. */
export function fieldOf(headers: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([field]) => field.toLowerCase() === wanted)?.[1];
}

/** The value of a cookie that a request brings. */
export function cookieOf(headers: Fields, name: string): string | undefined {
  for (const [field, value] of headers) {
    if (field.toLowerCase() !== 'cookie') continue;
    for (const part of value.split(';')) {
      const equals = part.indexOf('=');
      if (equals >= 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
    }
  }
  return undefined;
}
