/**
 * POST of a review: the question comes back with its answer and is not kept. Source: pkg/registry/authentication and
 * pkg/registry/authorization (rest.go of each kind).
 *
 * Everybody may do everything, as with `--authorization-mode=AlwaysAllow`.
 */
import type { KindDefinition } from '../../../api/scheme.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { withoutSystemFields } from '../create.ts';
import { decodeBody, matchNamespace, readBody } from '../decode-body.ts';
import { trackUpdate } from '../managed-fields/track-update.ts';
import { stringAt, stringsAt } from '../object-access.ts';
import { badRequest, invalid, type Outcome } from '../refusals.ts';
import { type Call, timestamp } from '../server-context.ts';
import { apiAudience, checkToken } from './service-account-token.ts';

/** Whether objects of a kind are answered and not kept. */
export function isReview({ group }: KindDefinition): boolean {
  return group === 'authentication.k8s.io' || group === 'authorization.k8s.io';
}

/** Answers the review in a request's body. */
export function createReview(call: Call): Outcome<JsonObject> {
  const body = readBody(call);
  if (!body.ok) return body;
  const decoded = decodeBody(call, body.value);
  if (!decoded.ok) return decoded;
  const placed = matchNamespace(call, withoutSystemFields(decoded.value));
  if (!placed.ok) return placed;
  const review = trackUpdate(call, placed.value, undefined);
  const errors = call.kind.validate(review);
  // The decoder has taken the kind off by then, so that the answer names none.
  if (errors.length > 0) return err(invalid(call.kind.group, '', '', errors));
  switch (call.kind.kind) {
    case 'SelfSubjectReview':
      return ok(aboutOneself(call));
    case 'TokenReview':
      return reviewToken(call, review);
    case 'SelfSubjectRulesReview':
      return listRules(call, review);
    default:
      return ok({ ...review, status: { allowed: true } });
  }
}

function typeOf({ kind: { group, version, kind } }: Call): JsonObject {
  return { kind, apiVersion: `${group}/${version}` };
}

function aboutOneself(call: Call): JsonObject {
  const { name, groups } = call.user;
  return {
    ...typeOf(call),
    metadata: { creationTimestamp: timestamp(call.server.queue.now()) },
    status: { userInfo: { username: name, groups } },
  };
}

function listRules(call: Call, review: JsonObject): Outcome<JsonObject> {
  if (stringAt(review, 'spec', 'namespace') === '') return err(badRequest('no namespace on request'));
  return ok({
    ...typeOf(call),
    metadata: {},
    spec: {},
    status: {
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    },
  });
}

function reviewToken(call: Call, review: JsonObject): Outcome<JsonObject> {
  const token = stringAt(review, 'spec', 'token');
  if (token === '') return err(badRequest('token is required for TokenReview in authentication'));
  const audiences = stringsAt(review, 'spec', 'audiences');
  const known = checkToken(call.server, token, audiences.length === 0 ? [apiAudience] : audiences);
  const status = known.ok
    ? { authenticated: true, user: known.value.user, audiences: known.value.audiences }
    : { user: {}, error: known.error };
  return ok({ ...review, status });
}
