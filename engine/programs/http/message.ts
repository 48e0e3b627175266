/** HTTP/1.1 messages: their text, taken apart and put together. Source: RFC 9112. */

/** Header fields in order, names as they were sent. */
export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** A request as a server read it. */
export interface HttpRequest {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  readonly version: string;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
}

/** A response as a client read it, or as a server sends it. */
export interface HttpResponse {
  readonly status: number;
  /** Absent: the usual one for the status. */
  readonly reason?: string;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
}

/** The value of a field, whatever the case of its name. */
export function header(headers: HeaderFields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([field]) => field.toLowerCase() === wanted)?.[1];
}

/** The path of a target, without query, percent-decoded where it can be. */
export function targetPath(target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The query of a target, as names and values. */
export function targetQuery(target: string): URLSearchParams {
  const mark = target.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
}

/** A request's line and headers, or undefined when it is no HTTP. */
export function parseRequestHead(text: string):
  | {
      readonly method: string;
      readonly target: string;
      readonly version: string;
      readonly headers: HeaderFields;
    }
  | undefined {
  const [line = '', ...fields] = text.split(/\r?\n/);
  const [method, target, version, ...rest] = line.split(' ');
  if (method === undefined || target === undefined || rest.length > 0) return undefined;
  if (!/^[A-Z]+$/.test(method) || version === undefined || !/^HTTP\/1\.[01]$/.test(version)) return undefined;
  return { method, target, version, headers: parseFields(fields) };
}

/** A response's line and headers, or undefined when it is no HTTP. */
export function parseResponseHead(text: string):
  | {
      readonly status: number;
      readonly reason: string;
      readonly version: string;
      readonly headers: HeaderFields;
    }
  | undefined {
  const [line = '', ...fields] = text.split(/\r?\n/);
  const match = /^(HTTP\/1\.[01]) (\d{3})(?: (.*))?$/.exec(line);
  if (match === null) return undefined;
  const [, version = '', status = '', reason = ''] = match;
  return { status: Number(status), reason, version, headers: parseFields(fields) };
}

/** Text of a status line and headers, with the empty line that ends them. */
export function formatHead(firstLine: string, headers: HeaderFields): string {
  return `${firstLine}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The usual reason of a status. Source: IANA, HTTP Status Code Registry. */
export function reasonPhrase(status: number): string {
  return reasons.get(status) ?? '';
}

/** A moment as HTTP writes it: `Tue, 28 May 2024 13:22:30 GMT`. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

function parseFields(lines: readonly string[]): HeaderFields {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return fields;
}

const reasons: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [413, 'Request Entity Too Large'],
  [418, "I'm a teapot"],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
]);
