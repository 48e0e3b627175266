/**
 * Gives every Pod a service account and the volume with its token. Source: plugin/pkg/admission/serviceaccount.
 *
 * Differs: that the account exists is checked only for accounts other than `default`, and only where ServiceAccounts are
 * served, since nothing here lets a Pod use its token.
 */
import type { JsonObject } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { nameOf, objectsAt, stringAt, valueAt, withKeys, withSpec } from '../object-access.ts';
import { forbidden, type Outcome } from '../refusals.ts';
import type { Call } from '../server-context.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour and seven seconds, by which the kubelet recognises tokens that it may keep longer. */
const tokenSeconds = 3607;

/** Whether a call creates or changes Pods. */
export function isPodCall(call: Call): boolean {
  return call.kind.group === '' && call.kind.plural === 'pods' && call.subresource === '';
}

/** Sets the service account of a Pod and mounts its token. */
export function addServiceAccount(call: Call, pod: JsonObject): Outcome<JsonObject> {
  if (!isPodCall(call)) return ok(pod);
  // Mirror Pods speak for a kubelet's own files, which know no accounts.
  if (valueAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) return ok(pod);
  const account = stringAt(pod, 'spec', 'serviceAccountName') || 'default';
  const refusal = missingAccount(call, pod, account);
  if (refusal !== undefined) return refusal;
  const stored = call.server.store.get(storeKey('', 'serviceaccounts', call.namespace, account));
  const named = withPullSecrets(
    withSpec(pod, { serviceAccountName: account, serviceAccount: account }),
    stored,
  );
  return ok(shouldMount(pod, stored) ? mountToken(call, named) : named);
}

/** A Pod that names no secrets to pull images with uses those of its account. */
function withPullSecrets(pod: JsonObject, account: StoredObject | undefined): JsonObject {
  const secrets = account === undefined ? [] : objectsAt(account, 'imagePullSecrets');
  if (secrets.length === 0 || objectsAt(pod, 'spec', 'imagePullSecrets').length > 0) return pod;
  return withSpec(pod, { imagePullSecrets: secrets });
}

function missingAccount(call: Call, pod: JsonObject, account: string): Outcome<JsonObject> | undefined {
  const { scheme, store } = call.server;
  if (account === 'default' || scheme.byResource('', 'v1', 'serviceaccounts') === undefined) return undefined;
  if (store.get(storeKey('', 'serviceaccounts', call.namespace, account)) !== undefined) return undefined;
  const why = `error looking up service account ${call.namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
  return err(forbidden(call.kind, nameOf(pod), why));
}

function shouldMount(pod: JsonObject, account: StoredObject | undefined): boolean {
  const own = valueAt(pod, 'spec', 'automountServiceAccountToken');
  if (typeof own === 'boolean') return own;
  return account === undefined || valueAt(account, 'automountServiceAccountToken') !== false;
}

function mountToken(call: Call, pod: JsonObject): JsonObject {
  const volumes = objectsAt(pod, 'spec', 'volumes');
  const containers = objectsAt(pod, 'spec', 'containers');
  const initContainers = objectsAt(pod, 'spec', 'initContainers');
  if (![...containers, ...initContainers].some(lacksMount)) return pod;
  const existing = volumes.find((volume) => stringAt(volume, 'name').startsWith('kube-api-access-'));
  const name =
    existing === undefined
      ? `kube-api-access-${call.server.random.nameSuffix()}`
      : stringAt(existing, 'name');
  const mount = (container: JsonObject): JsonObject =>
    lacksMount(container)
      ? withKeys(container, {
          volumeMounts: [...objectsAt(container, 'volumeMounts'), { mountPath, name, readOnly: true }],
        })
      : container;
  return withSpec(pod, {
    containers: containers.map(mount),
    initContainers: initContainers.length === 0 ? undefined : initContainers.map(mount),
    volumes: existing === undefined ? [...volumes, tokenVolume(name)] : volumes,
  });
}

function lacksMount(container: JsonObject): boolean {
  return !objectsAt(container, 'volumeMounts').some((mount) => stringAt(mount, 'mountPath') === mountPath);
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        {
          downwardAPI: {
            items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
          },
        },
      ],
    },
  };
}
