/** Answers that came through the API server from somebody else, as if it had given them itself. */
import type { BackendAnswer } from '../../api/proxied.ts';
import type { ObjectResponse, TextResponse } from '../../api/request.ts';
import { isJsonObject } from '../../base/json.ts';

/** A refusal of the API server is an object, all else text. */
export function readProxied(
  { code, body }: BackendAnswer,
  warnings: readonly string[],
): ObjectResponse | TextResponse {
  const text = Buffer.from(body).toString('utf8');
  const status = code < 400 ? undefined : parseStatus(text);
  return status === undefined
    ? { type: 'text', code, warnings, body: text }
    : { type: 'object', code, warnings, body: status };
}

function parseStatus(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && value.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}
