/**
 * The kinds of authentication.k8s.io and authorization.k8s.io: questions that are answered and not kept. Source:
 * pkg/registry/authentication and pkg/registry/authorization.
 */
import { mapStruct, withDefaults } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import {
  validateAccessReview,
  validateLocalAccessReview,
  validateSelfAccessReview,
} from '../validation/access-review.ts';
import { validateTokenRequest } from '../validation/token-request.ts';
import { column, defineKind, nameColumn } from './define.ts';

const authentication = 'authentication.k8s.io';
const authorization = 'authorization.k8s.io';

/** All of them, in the order of their groups. */
export const reviewKinds: readonly KindDefinition[] = [
  reviewKind(authentication, 'SelfSubjectReview', { validate: () => [] }),
  reviewKind(authentication, 'TokenReview', { validate: () => [] }),
  reviewKind(authorization, 'LocalSubjectAccessReview', {
    namespaced: true,
    validate: validateLocalAccessReview,
  }),
  reviewKind(authorization, 'SelfSubjectAccessReview', { validate: validateSelfAccessReview }),
  reviewKind(authorization, 'SelfSubjectRulesReview', { validate: () => [] }),
  reviewKind(authorization, 'SubjectAccessReview', { validate: validateAccessReview }),
];

// Source: SetDefaults_TokenRequestSpec.
const defaultSeconds = 60 * 60;

/** What is posted to the subresource token of a ServiceAccount; it has no path of its own. */
export const tokenRequestKind: KindDefinition = {
  ...reviewKind(authentication, 'TokenRequest', { namespaced: true, validate: validateTokenRequest }),
  schema: 'AuthenticationV1TokenRequest',
  applyDefaults: (request) =>
    mapStruct({ spec: {}, ...request }, 'spec', (spec) =>
      withDefaults(spec, { expirationSeconds: defaultSeconds }),
    ),
};

function reviewKind(
  group: string,
  kind: string,
  options: Pick<KindDefinition, 'validate'> & Partial<Pick<KindDefinition, 'namespaced'>>,
): KindDefinition {
  const defined = defineKind({
    group,
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: options.namespaced ?? false,
    verbs: ['create'],
    schema: `V1${kind}`,
    hasStatus: true,
    columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
    row: (review) => [review.metadata.name, review.metadata.creationTimestamp ?? null],
  });
  return { ...defined, validate: options.validate };
}
