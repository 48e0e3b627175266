/**
 * The guestbook's frontend: a page, and a script in PHP that writes to redis' leader and reads from its followers. Their names
 * are `redis-leader` and `redis-follower` (in v4 `redis-master` and `redis-slave`), or those of the environment.
 * Source: guestbook.php among the samples of Kubernetes' and GKE's documentation (kubernetes/examples, kubernetes-engine-samples).
 * Left out: what the page does in a browser, the whole of phpinfo(), the stack under an error.
 */
import type * as sys from '../../net/process/sys.ts';
import { type HttpResponse, targetPath } from '../http/message.ts';
import { textResponse } from '../http/server.ts';
import { apacheLog, createDemo } from './demo-servers.ts';
import { askRedis, bulkStringsOf } from './redis-client.ts';

/** Where the entries stand since v5, whatever key is asked for. */
const ownKey = 'guestbook';

/** The frontend of v5, or of v4 where GUESTBOOK_VERSION says so. */
export const guestbook = createDemo({
  port: 80,
  style: 'apache',
  *begin({ env }) {
    const isOld = env.get('GUESTBOOK_VERSION') === '4';
    const [leader, follower] = isOld ? (['master', 'slave'] as const) : (['leader', 'follower'] as const);
    const hostOf = (role: string) =>
      env.get('GET_HOSTS_FROM') === 'env'
        ? (env.get(`REDIS_${role.toUpperCase()}_SERVICE_HOST`) ?? '')
        : `redis-${role}`;
    return { leader: hostOf(leader), follower: hostOf(follower), ...(isOld ? {} : { key: ownKey }) };
  },
  *handle({ settings }, request, connection) {
    const { leader = '', follower = '', key } = settings;
    const [, query = ''] = request.target.split('?', 2);
    const asked = new URLSearchParams(query);
    const response = yield* answer(targetPath(request.target), asked, {
      leader,
      follower,
      key: key ?? asked.get('key') ?? '',
    });
    yield* apacheLog(request, connection, response);
    return response;
  },
});

interface Places {
  readonly leader: string;
  readonly follower: string;
  readonly key: string;
}

const apache = ['Server', 'Apache/2.4.10 (Debian)'] as const;
const php = [apache, ['X-Powered-By', 'PHP/5.6.20']] as const;
const html = ['Content-Type', 'text/html'] as const;

function* answer(path: string, asked: URLSearchParams, places: Places): sys.Sys<HttpResponse> {
  if (path === '/' || path === '/index.html') return textResponse(200, page, [apache, html]);
  if (path !== '/guestbook.php') return textResponse(404, notFound, [apache, html]);
  const command = asked.get('cmd');
  if (command === null)
    return textResponse(200, '<html><head><title>phpinfo()</title></head></html>\n', [...php, html]);
  const isSet = command === 'set';
  const host = isSet ? places.leader : places.follower;
  const words = isSet ? ['SET', places.key, asked.get('value') ?? ''] : ['GET', places.key];
  const reply = yield* askRedis(host, 6379, words);
  const json = [...php, ['Content-Type', 'application/json']] as const;
  if (!reply.ok)
    return textResponse(200, uncaught('Connection\\Connection', `${reply.error} [tcp://${host}:6379]`), json);
  if (reply.value.startsWith('-'))
    return textResponse(200, uncaught('Response\\Server', reply.value.slice(1).trimEnd()), json);
  const [value = ''] = bulkStringsOf(reply.value);
  return textResponse(200, isSet ? '{"message": "Updated"}' : `{"data": "${value}"}`, json);
}

/** PHP shows errors, and has said already that all is well. */
function uncaught(kind: string, message: string): string {
  return `<br />\n<b>Fatal error</b>:  Uncaught exception 'Predis\\${kind}Exception' with message '${message}'\n`;
}

const notFound =
  '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n</body></html>\n';

const page =
  '<html ng-app="redis">\n  <head>\n    <title>Guestbook</title>\n  </head>\n  <body>\n    <h2>Guestbook</h2>\n  </body>\n</html>\n';
