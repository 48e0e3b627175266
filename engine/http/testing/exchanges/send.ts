/** Sends flows over HTTP and keeps what is the same each time. */
import { Agent, type RequestOptions, request } from 'node:https';
import { isJsonObject, type JsonValue } from '../../../base/json.ts';
import type { Answer, Exchange, Flow } from './exchange.ts';
import { maskAnswer } from './mask.ts';

/** Where a server listens. */
export interface Endpoint {
  readonly port: number;
  readonly token: string;
  /** How long a watch is listened to. */
  readonly watchMs: number;
}

interface RawAnswer {
  readonly code: number;
  readonly type: string;
  readonly warnings: readonly string[];
  readonly text: string;
}

/** Sends the requests of a flow one after the other, in a namespace of its own that is made first. */
export async function sendFlow(
  endpoint: Endpoint,
  { name, exchanges }: Flow,
): Promise<readonly (readonly [label: string, answer: Answer])[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const namespace = name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase();
  const known = new Map([['NS', namespace]]);
  const sent = `${namespace} ${exchanges.map(({ path, body = '' }) => path + body).join(' ')}`;
  const answers: (readonly [string, Answer])[] = [];
  try {
    for (const exchange of [...firstExchanges(namespace), ...exchanges]) {
      const filled = fill(exchange, known);
      const raw = await sendOne(endpoint, agent, filled);
      remember(known, raw.text);
      const { code, type, warnings } = raw;
      const body = parseBody(raw);
      answers.push([
        exchange.label,
        maskAnswer(
          {
            code,
            ...(type === 'application/json' ? {} : { type }),
            ...(warnings.length === 0 ? {} : { warnings }),
            body,
          },
          sent,
        ),
      ]);
    }
  } finally {
    agent.destroy();
  }
  return answers.slice(firstExchanges(namespace).length);
}

function firstExchanges(namespace: string): readonly Exchange[] {
  const create = (path: string, name: string): Exchange => ({
    label: path,
    method: 'POST',
    path,
    headers: {},
    body: JSON.stringify({ metadata: { name } }),
  });
  return [
    create('/api/v1/namespaces', namespace),
    // No controller makes it on a server that is alone.
    create(`/api/v1/namespaces/${namespace}/serviceaccounts`, 'default'),
  ];
}

function fill(exchange: Exchange, known: ReadonlyMap<string, string>): Exchange {
  const filled = (text: string): string =>
    text.replaceAll(/\$(NS|RV|UID|CONTINUE)\b/g, (_, key: string) => known.get(key) ?? '');
  const { path, body } = exchange;
  return { ...exchange, path: filled(path), ...(body === undefined ? {} : { body: filled(body) }) };
}

/** Later requests name what the last object said of itself. */
function remember(known: Map<string, string>, text: string): void {
  if (!text.startsWith('{')) return;
  const body = parseJson(text);
  if (!isJsonObject(body) || !isJsonObject(body.metadata) || body.kind === 'Status') return;
  const { resourceVersion, uid, continue: token } = body.metadata;
  if (typeof resourceVersion === 'string') known.set('RV', resourceVersion);
  if (typeof uid === 'string') known.set('UID', uid);
  known.set('CONTINUE', typeof token === 'string' ? token : '');
}

function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** JSON as it is, a stream of it as a list, anything else as text. */
function parseBody({ type, text }: RawAnswer): JsonValue {
  if (!type.startsWith('application/json')) return text;
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) ?? line);
}

/** No answer takes as long. */
const longestMs = 10_000;

function sendOne(endpoint: Endpoint, agent: Agent, exchange: Exchange): Promise<RawAnswer> {
  const { method, path, headers, body } = exchange;
  const options: RequestOptions = {
    agent,
    host: '127.0.0.1',
    port: endpoint.port,
    method,
    path,
    headers: {
      'user-agent': 'exchange/v1',
      accept: 'application/json',
      authorization: `Bearer ${endpoint.token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  };
  return new Promise((resolve) => {
    const sending = request(options, (response) => {
      const chunks: Buffer[] = [];
      const end = (): void =>
        resolve({
          code: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          warnings: warningsOf(response.rawHeaders),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', end);
      response.on('error', end);
      if (/[?&](watch|follow)=|\/watch\//.test(path) && response.statusCode === 200) {
        setTimeout(() => response.destroy(), endpoint.watchMs).unref();
        response.on('close', end);
      }
    });
    sending.setTimeout(longestMs, () => sending.destroy());
    // A server may end the connection in the midst of a request that it does not want.
    sending.on('error', () => resolve({ code: 0, type: '', warnings: [], text: '' }));
    sending.end(body);
  });
}

function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'warning')
    .map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}
