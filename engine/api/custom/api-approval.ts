/**
 * Groups of the Kubernetes project itself are for APIs that were reviewed, which an annotation says. Source:
 * apiextensions-apiserver/pkg/apihelpers (GetAPIApprovalState, IsProtectedCommunityGroup).
 */
import type { JsonObject } from '../../base/json.ts';
import { struct, text } from '../read.ts';

const annotation = 'api-approved.kubernetes.io';
const page = 'https://github.com/kubernetes/enhancements/pull/1111';

/** What the annotation says, and the words for it. */
export interface Approval {
  readonly state: 'Missing' | 'Invalid' | 'Unapproved' | 'Approved';
  readonly reason: string;
}

/** Whether a group's definitions need the annotation. */
export function isProtectedGroup(group: string): boolean {
  return (
    group === 'k8s.io' ||
    group.endsWith('.k8s.io') ||
    group === 'kubernetes.io' ||
    group.endsWith('.kubernetes.io')
  );
}

/** Reads the annotation: the address of a review, or the word `unapproved` and why. */
export function approvalOf(definition: JsonObject): Approval {
  const value = text(struct(struct(definition, 'metadata'), 'annotations'), annotation);
  if (value === '')
    return {
      state: 'Missing',
      reason: `protected groups must have approval annotation ${JSON.stringify(annotation)}, see ${page}`,
    };
  if (value.startsWith('unapproved'))
    return { state: 'Unapproved', reason: `not approved: ${JSON.stringify(value)}` };
  if (/^https?:\/\/[^/\s]+/.test(value)) return { state: 'Approved', reason: `approved in ${value}` };
  return {
    state: 'Invalid',
    reason: `protected groups must have approval annotation ${JSON.stringify(annotation)} with either a URL or a reason starting with "unapproved", see ${page}`,
  };
}
