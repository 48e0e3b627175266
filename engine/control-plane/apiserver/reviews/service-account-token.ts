/**
 * Tokens of ServiceAccounts: JSON Web Tokens that the server signs and recognizes. Source: pkg/serviceaccount, claims.go and
 * jwt.go.
 *
 * Differs: signed with HS256 instead of RS256, by a key that follows from the uid of the namespace kube-system: the same
 * world gives the same tokens, and a fork recognizes those of its parent without keeping a key.
 */
import { createHmac } from 'node:crypto';
import { parseGoJson } from '../../../api/decode/go-json.ts';
import { formatCompactJson } from '../../../base/go-json.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { storeKey } from '../../store/store.ts';
import { numberAt, objectAt, stringAt, stringsAt } from '../object-access.ts';
import type { ServerContext } from '../server-context.ts';

/** For whom a token is when nobody else is named; also who issues it. */
export const apiAudience = 'https://kubernetes.default.svc.cluster.local';

/** Whom a token stands for. */
interface Known {
  readonly user: JsonObject;
  /** Those of the token that were asked for. */
  readonly audiences: readonly string[];
}

/** Signs claims. */
export function signToken(server: ServerContext, claims: JsonObject): string {
  const head = encode({ alg: 'HS256', kid: keyId(server) });
  const signed = `${head}.${encode(claims)}`;
  return `${signed}.${signatureOf(server, signed)}`;
}

/** Whom a token stands for, or what is wrong with it, in the words of a TokenReview's status. */
export function checkToken(
  server: ServerContext,
  token: string,
  audiences: readonly string[],
): Result<Known, string> {
  const [head = '', payload = '', signature, ...rest] = token.split('.');
  const isOurs = rest.length === 0 && signature === signatureOf(server, `${head}.${payload}`);
  const text = Buffer.from(payload, 'base64url').toString('utf8');
  const parsed = isOurs ? parseGoJson(text) : undefined;
  const claims = parsed?.ok === true ? parsed.value.value : undefined;
  if (!isJsonObject(claims)) return err('invalid bearer token');
  const why = problemOf(server, claims, audiences);
  if (why !== undefined) return err(`[invalid bearer token, ${why}]`);
  return ok({
    user: userOf(claims),
    audiences: stringsAt(claims, 'aud').filter((audience) => audiences.includes(audience)),
  });
}

function problemOf(
  server: ServerContext,
  claims: JsonObject,
  audiences: readonly string[],
): string | undefined {
  const own = stringsAt(claims, 'aud');
  if (!own.some((audience) => audiences.includes(audience))) {
    return `token audiences ${goStrings(own)} is invalid for the target audiences ${goStrings(audiences)}`;
  }
  const nowSeconds = Math.floor(server.queue.now() / 1_000);
  if (nowSeconds > (numberAt(claims, 'exp') ?? 0)) return 'service account token has expired';
  const bound = objectAt(claims, 'kubernetes.io');
  const namespace = stringAt(bound, 'namespace');
  // A node that only says where a Pod runs may be gone.
  const hasPod = isJsonObject(bound.pod);
  const isValid = [
    { part: 'serviceaccount', plural: 'serviceaccounts', namespace },
    { part: 'secret', plural: 'secrets', namespace },
    { part: 'pod', plural: 'pods', namespace },
    ...(hasPod ? [] : [{ part: 'node', plural: 'nodes', namespace: '' }]),
  ].every(({ part, plural, namespace: where }) => {
    const reference = objectAt(bound, part);
    if (Object.keys(reference).length === 0) return true;
    const object = server.store.get(storeKey('', plural, where, stringAt(reference, 'name')));
    return object !== undefined && object.metadata.uid === reference.uid;
  });
  return isValid ? undefined : 'service account token has been invalidated';
}

/** `["a" "b"]`, as Go prints strings with %q. */
function goStrings(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
}

// Source: k8s.io/apiserver/pkg/authentication/serviceaccount/util.go, UserInfo.
function userOf(claims: JsonObject): JsonObject {
  const bound = objectAt(claims, 'kubernetes.io');
  const namespace = stringAt(bound, 'namespace');
  const prefix = 'authentication.kubernetes.io';
  const extra: [string, string[]][] = [[`${prefix}/credential-id`, [`JTI=${stringAt(claims, 'jti')}`]]];
  for (const part of ['node', 'pod']) {
    const { name, uid } = objectAt(bound, part);
    if (typeof name === 'string') extra.push([`${prefix}/${part}-name`, [name]]);
    if (typeof uid === 'string') extra.push([`${prefix}/${part}-uid`, [uid]]);
  }
  return {
    username: stringAt(claims, 'sub'),
    uid: stringAt(bound, 'serviceaccount', 'uid'),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: Object.fromEntries(extra),
  };
}

function encode(part: JsonObject): string {
  return Buffer.from(formatCompactJson(part)).toString('base64url');
}

function keyOf(server: ServerContext): string {
  return server.store.get(storeKey('', 'namespaces', '', 'kube-system'))?.metadata.uid ?? '';
}

function keyId(server: ServerContext): string {
  return createHmac('sha256', keyOf(server)).update('kid').digest('base64url');
}

function signatureOf(server: ServerContext, text: string): string {
  return createHmac('sha256', keyOf(server)).update(text).digest('base64url');
}
