/**
 * Writes who asks into a CertificateSigningRequest. Source: PrepareForCreate in
 * pkg/registry/certificates/certificates/strategy.go; here a plugin, since only the request knows its user.
 */
import type { JsonObject } from '../../../base/json.ts';
import { ok } from '../../../base/result.ts';
import { withSpec } from '../object-access.ts';
import type { Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

/** Sets the user of a new request, whatever it says itself. */
export function addRequestor(call: Call, object: JsonObject): Outcome<JsonObject> {
  const { group, plural } = call.kind;
  if (group !== 'certificates.k8s.io' || plural !== 'certificatesigningrequests') return ok(object);
  const { name, groups } = call.user;
  return ok(
    withSpec(object, {
      username: name,
      groups: groups.length === 0 ? undefined : [...groups],
      uid: undefined,
      extra: undefined,
    }),
  );
}
