/** Tokens from asking to recognizing. Source: what kube-apiserver v1.36.0 says in TokenReviews; pkg/serviceaccount/claims.go. */
import { expect, it } from 'vitest';
import { arrayAt, objectAt, stringAt } from '../object-access.ts';
import { createTestDoor, type TestDoor } from '../testing/test-door.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews';
const api = 'https://kubernetes.default.svc.cluster.local';
const hourMs = 3_600_000;

function prepare(): { readonly door: TestDoor; readonly uid: string } {
  const door = createTestDoor();
  door.post('/api/v1/namespaces', { metadata: { name: 'default' } });
  const account = door.post(accounts, { metadata: { name: 'sa' } });
  return { door, uid: stringAt(account, 'metadata', 'uid') };
}

it('grants a token that says for whom, by whom and until when', () => {
  const { door, uid } = prepare();
  const granted = door.post(`${accounts}/sa/token`, { spec: { expirationSeconds: 600 } });
  const [, payload = ''] = stringAt(granted, 'status', 'token').split('.');
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect({ ...granted, metadata: { ...objectAt(granted, 'metadata'), managedFields: [] } }).toEqual({
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      name: 'sa',
      namespace: 'default',
      uid,
      creationTimestamp: '2026-05-01T12:00:00Z',
      managedFields: [],
    },
    spec: { audiences: [api], expirationSeconds: 600, boundObjectRef: null },
    status: { token: expect.any(String), expirationTimestamp: '2026-05-01T12:10:00Z' },
  });
  expect(arrayAt(granted, 'metadata', 'managedFields')).toMatchObject([
    { subresource: 'token', fieldsV1: { 'f:spec': { 'f:expirationSeconds': {} } } },
  ]);
  expect(claims).toEqual({
    aud: [api],
    exp: 1_777_637_400,
    iat: 1_777_636_800,
    iss: api,
    jti: expect.any(String),
    'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'sa', uid } },
    nbf: 1_777_636_800,
    sub: 'system:serviceaccount:default:sa',
  });
});

const invalidated = '[invalid bearer token, service account token has been invalidated]';
const pod = { kind: 'Pod', apiVersion: 'v1', name: 'p' };

it.each([
  { name: 'within its time', want: undefined },
  { name: 'for whom it was asked for', audiences: [api, 'a'], want: undefined },
  {
    name: 'for somebody else',
    audiences: ['a'],
    want: `[invalid bearer token, token audiences ["${api}"] is invalid for the target audiences ["a"]]`,
  },
  {
    name: 'after its time',
    laterMs: hourMs + 1_000,
    want: '[invalid bearer token, service account token has expired]',
  },
  { name: 'changed', change: (token: string) => `${token}x`, want: 'invalid bearer token' },
  { name: 'whose account is gone', gone: `${accounts}/sa`, want: invalidated },
  { name: 'whose Pod is there', boundObjectRef: pod, want: undefined },
  {
    name: 'whose Pod is gone',
    boundObjectRef: pod,
    gone: '/api/v1/namespaces/default/pods/p',
    want: invalidated,
  },
])('judges a token $name', ({ audiences = [], laterMs = 0, change, gone, boundObjectRef = null, want }) => {
  const { door, uid } = prepare();
  const spec = { serviceAccountName: 'sa', containers: [{ name: 'c', image: 'i' }] };
  door.post('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec });
  const granted = door.post(`${accounts}/sa/token`, { spec: { boundObjectRef } });
  const token = stringAt(granted, 'status', 'token');
  if (gone !== undefined) door.delete(gone, { gracePeriodSeconds: 0 });
  door.queue.advance(laterMs);
  const fork = door.fork();
  const review = fork.post(reviews, { spec: { token: change?.(token) ?? token, audiences } });
  const status = objectAt(review, 'status');
  if (want !== undefined) return expect(status).toEqual({ user: {}, error: want });
  expect(status).toMatchObject({
    authenticated: true,
    user: { username: 'system:serviceaccount:default:sa', uid },
    audiences: [api],
  });
});

it('answers in the name of whoever asks', () => {
  const { door } = prepare();
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  expect(door.post(path, {}).status).toEqual({
    userInfo: { username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] },
  });
  const user = { name: 'jane', groups: ['system:authenticated'] };
  expect(door.body({ method: 'POST', path, user, body: {} }).status).toEqual({
    userInfo: { username: 'jane', groups: ['system:authenticated'] },
  });
});
