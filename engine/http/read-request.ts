/** From an HTTP request to the request of the one door. */
import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from '../api/request.ts';
import { failure } from '../api/status.ts';
import type { Status } from '../api/types/kinds.ts';
import { err, ok, type Result } from '../base/result.ts';

type Method = ApiRequest['method'];

const methods = new Map<string, Method>([
  ['GET', 'GET'],
  // Node leaves out the body of an answer to HEAD by itself.
  ['HEAD', 'HEAD'],
  ['POST', 'POST'],
  ['PUT', 'PUT'],
  ['PATCH', 'PATCH'],
  ['DELETE', 'DELETE'],
]);

/** Source: k8s.io/apiserver/pkg/server/config.go, MaxRequestBodyBytes: 3 MiB. */
const maxBodyBytes = 3 * 1024 * 1024;

/** Reads everything but the body. */
export function readHead(message: IncomingMessage): Result<ApiRequest, Status> {
  const method = methods.get(message.method ?? '');
  if (method === undefined) {
    return err(
      failure('MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
    );
  }
  const [rawPath = '', ...rawQuery] = (message.url ?? '/').split('?');
  const path = decodePath(rawPath);
  if (path === undefined) return err(failure('BadRequest', `invalid URL escape in ${rawPath}`));
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.push([name, Array.isArray(value) ? value.join(', ') : value]);
  }
  return ok({
    method,
    path,
    query: [...new URLSearchParams(rawQuery.join('?'))],
    headers: Object.fromEntries(headers),
  });
}

/** A slash that was written as %2F does not part segments, so it stays as it was written. */
function decodePath(path: string): string | undefined {
  try {
    return path
      .split('/')
      .map((segment) => decodeURIComponent(segment).replaceAll('/', '%2F'))
      .join('/');
  } catch {
    return undefined;
  }
}

/** Reads the body; one that is too long is refused without being kept. */
export async function readBody(message: IncomingMessage): Promise<Result<Buffer, Status>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (length > maxBodyBytes) {
    return err(failure('RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`, {}));
  }
  return ok(Buffer.concat(chunks));
}
