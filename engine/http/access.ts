/**
 * Who may speak to the served API: whoever has the token of the kubeconfig and calls the server by its own name. The
 * second keeps web pages out that had a name resolve to this machine.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { failure } from '../api/status.ts';
import type { Status } from '../api/types/kinds.ts';

/** What a request must show. */
export interface AccessRules {
  readonly token: string;
  readonly port: number;
}

/** The refusal of a request that may not speak; undefined when it may. */
export function refuseAccess(message: IncomingMessage, rules: AccessRules): Status | undefined {
  const host = message.headers.host ?? '';
  if (host !== `127.0.0.1:${rules.port}` && host !== `localhost:${rules.port}`) {
    return failure('Forbidden', `forbidden: the server is not called ${JSON.stringify(host)}`, {});
  }
  const [scheme = '', token = ''] = (message.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || !isEqual(token, rules.token)) {
    return failure('Unauthorized', 'Unauthorized');
  }
  return undefined;
}

function isEqual(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}
