/**
 * The subresource token of a ServiceAccount: a token for who runs as it. Source: pkg/registry/core/serviceaccount/storage/
 * token.go.
 */
import { tokenRequestKind } from '../../../api/kinds/reviews.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { decodeBody, matchNamespace, readBody } from '../decode-body.ts';
import { trackUpdate } from '../managed-fields/track-update.ts';
import { nameOf, numberAt, objectAt, stringAt, stringsAt, withKeys, withSpec } from '../object-access.ts';
import { badRequest, conflict, invalid, notFound, type Outcome } from '../refusals.ts';
import { type Call, storedObject, timestamp } from '../server-context.ts';
import { apiAudience, signToken } from './service-account-token.ts';

const { group, kind, version } = tokenRequestKind;
/** Upstream names the kind where others name the resource. */
const named = { group, kind, plural: kind };

/** A request for a token with the token in its status. */
export function requestToken(call: Call): Outcome<JsonObject> {
  const request = readRequest({ ...call, kind: tokenRequestKind });
  if (!request.ok) return request;
  const name = nameOf(request.value);
  if (name !== '' && name !== call.name) {
    const message = `Invalid value: ${JSON.stringify(name)}: must match the service account name if specified`;
    return err(
      invalid(group, kind, call.name, [{ type: 'FieldValueInvalid', field: 'metadata.name', message }]),
    );
  }
  const account = storedObject(call);
  if (account === undefined) return err(notFound(call.kind, call.name));
  const uid = stringAt(request.value, 'metadata', 'uid');
  const own = account.metadata.uid ?? '';
  if (uid !== '' && uid !== own) {
    const why = `the UID in the token request (${uid}) does not match the UID of the service account (${own})`;
    return err(conflict(named, call.name, why));
  }
  const errors = tokenRequestKind.validate(request.value);
  if (errors.length > 0) return err(invalid(group, kind, '', errors));
  const bound = boundTo(call, objectAt(request.value, 'spec', 'boundObjectRef'));
  return bound.ok ? ok(grant(call, request.value, account, bound.value)) : bound;
}

function readRequest(call: Call): Outcome<JsonObject> {
  const body = readBody(call);
  if (!body.ok) return body;
  const decoded = decodeBody(call, body.value);
  if (!decoded.ok) return decoded;
  return matchNamespace(call, trackUpdate(call, decoded.value, undefined));
}

type Bound = Readonly<Partial<Record<'pod' | 'node' | 'secret', JsonObject>>>;

/** What the token holds as long as. */
function boundTo(call: Call, reference: JsonObject): Outcome<Bound> {
  if (Object.keys(reference).length === 0) return ok({});
  const wanted = { apiVersion: stringAt(reference, 'apiVersion'), kind: stringAt(reference, 'kind') };
  const target = wanted.apiVersion === 'v1' ? boundKinds.get(wanted.kind) : undefined;
  if (target === undefined) {
    const found = `${wanted.apiVersion}, Kind=${wanted.kind}`;
    return err(badRequest(`cannot bind token to object of type ${found}`));
  }
  const { part, plural } = target;
  const name = stringAt(reference, 'name');
  const object = storedOf(call, plural, name);
  const resource = { group: '', plural, kind: wanted.kind };
  if (object === undefined) return err(notFound(resource, name));
  if (part === 'pod' && stringAt(object, 'spec', 'serviceAccountName') !== call.name) {
    const why = 'to pod running with different serviceaccount name.';
    return err(badRequest(`cannot bind token for serviceaccount ${JSON.stringify(call.name)} ${why}`));
  }
  const uid = stringAt(reference, 'uid');
  if (uid !== '' && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    return err(conflict({ ...resource, plural: wanted.kind }, name, why));
  }
  const nodeName = part === 'pod' ? stringAt(object, 'spec', 'nodeName') : '';
  if (nodeName === '') return ok({ [part]: claimOf(object) });
  const node = storedOf(call, 'nodes', nodeName);
  return ok({ pod: claimOf(object), node: node === undefined ? { name: nodeName } : claimOf(node) });
}

const boundKinds: ReadonlyMap<string, { readonly part: keyof Bound; readonly plural: string }> = new Map([
  ['Pod', { part: 'pod', plural: 'pods' }],
  ['Node', { part: 'node', plural: 'nodes' }],
  ['Secret', { part: 'secret', plural: 'secrets' }],
]);

function storedOf(call: Call, plural: string, name: string): StoredObject | undefined {
  return call.server.store.get(storeKey('', plural, plural === 'nodes' ? '' : call.namespace, name));
}

function claimOf({ metadata: { name, uid = '' } }: StoredObject): JsonObject {
  return { name, uid };
}

/** The lifetime that kubelets ask for, and how long such a token holds in truth, lest old clients break. */
const warnedSeconds = 60 * 60 + 7;
const extendedSeconds = 365 * 24 * 60 * 60;

function grant(call: Call, request: JsonObject, account: StoredObject, bound: Bound): JsonObject {
  const nowMs = call.server.queue.now();
  const issued = Math.floor(nowMs / 1_000);
  const asked = stringsAt(request, 'spec', 'audiences');
  const audiences = asked.length === 0 ? [apiAudience] : asked;
  const seconds = numberAt(request, 'spec', 'expirationSeconds') ?? 0;
  const isForApi = audiences.every((audience) => audience === apiAudience);
  const isExtended = bound.pod !== undefined && seconds === warnedSeconds && isForApi;
  const claims = {
    aud: audiences,
    exp: issued + (isExtended ? extendedSeconds : seconds),
    iat: issued,
    iss: apiAudience,
    jti: call.server.random.uuid(),
    'kubernetes.io': {
      namespace: call.namespace,
      ...bound,
      serviceaccount: claimOf(account),
      ...(isExtended ? { warnafter: issued + seconds } : {}),
    },
    nbf: issued,
    sub: `system:serviceaccount:${call.namespace}:${call.name}`,
  };
  const metadata = withKeys(objectAt(request, 'metadata'), {
    name: call.name,
    namespace: call.namespace,
    uid: account.metadata.uid,
    creationTimestamp: timestamp(nowMs),
  });
  const boundObjectRef = objectAt(request, 'spec').boundObjectRef ?? null;
  return {
    ...withSpec(request, { audiences, boundObjectRef }),
    kind,
    apiVersion: `${group}/${version}`,
    metadata,
    status: {
      token: signToken(call.server, claims),
      expirationTimestamp: timestamp(nowMs + seconds * 1_000),
    },
  };
}
