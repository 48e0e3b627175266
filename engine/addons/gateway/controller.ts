/**
 * Envoy Gateway: acts on Gateways and routes of its classes while one of its Pods is ready. It translates all objects whenever
 * one changes, writes their statuses, makes the proxies of each Gateway, and tells those their configuration.
 * Source: envoyproxy/gateway, internal/provider/kubernetes, internal/gatewayapi/runner, internal/infrastructure.
 * Differs: the configuration reaches the proxies by a service of their machine, not over gRPC from port 18000.
 */
import { isPodReady } from '../../api/objects/pods.ts';
import { asJson, struct } from '../../api/read.ts';
import type { Pod } from '../../api/types/kinds.ts';
import {
  deployments,
  endpointSlices,
  namespaces,
  pods,
  type Resource,
  secrets,
  serviceAccounts,
  services,
} from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import type { ControllerContext, Informer, ReconcileOutcome } from '../../client/client.ts';
import { onCustomResource } from '../../client/custom-resources.ts';
import { slicesOfService } from '../../client/slices-of-service.ts';
import type { ProcessAdmin } from '../../net/linux.ts';
import type { GatewayConfiguration } from './configuration.ts';
import {
  owningLabels,
  proxyAccount,
  proxyDeployment,
  proxyNameOf,
  proxyService,
  systemNamespace,
} from './infrastructure.ts';
import {
  gatewayClasses,
  gatewayGroup,
  gateways,
  grpcRoutes,
  httpRoutes,
  referenceGrants,
  tlsRoutes,
} from './resources.ts';
import { createRuleReader } from './rule-cache.ts';
import { gatewayTopic } from './serve.ts';
import { createSettledRoutes } from './settled-routes.ts';
import { type Translation, type TranslationView, translate } from './translate.ts';

/** What changes in the controller. */
export interface GatewayState {
  /** What the proxies of each Gateway were told last, by `namespace/name`. */
  readonly configurations: Map<string, GatewayConfiguration>;
}

/** The first state: nobody was told anything. */
export function gatewayState(): GatewayState {
  return { configurations: new Map() };
}

/** What the controller is made from. */
export interface GatewayDependencies {
  readonly context: ControllerContext;
  readonly processes: Pick<ProcessAdmin, 'announce'>;
}

const image = /(?:^|\/)envoyproxy\/gateway(?:[:@]|$)/;
const watched = [gatewayClasses, gateways, httpRoutes, grpcRoutes, tlsRoutes, referenceGrants];

/** Starts the controller. Nothing is watched for it before Gateway API's definitions are there. */
export function createGatewayController(
  { context, processes }: GatewayDependencies,
  state: GatewayState,
): void {
  const { client, informers } = context;
  const queue = context.workqueue('envoy-gateway', () => reconcile());
  const found = new Map<string, Informer<KubeObject>>();
  const readRules = createRuleReader();
  const settledRoutes = createSettledRoutes();
  const whenChanged = (isMeant: (object: KubeObject) => boolean) => {
    return ({ before, after }: { readonly before?: KubeObject; readonly after?: KubeObject }) => {
      const object = after ?? before;
      if (object !== undefined && isMeant(object)) queue.add('all');
    };
  };
  onCustomResource(informers, (resource) => {
    const isOurs =
      resource.group === gatewayGroup && watched.some(({ plural }) => plural === resource.plural);
    if (!isOurs) return;
    if (found.size === 0) watchTheRest();
    const informer = informers.informer(resource);
    found.set(resource.plural, informer);
    informer.onChange(() => queue.add('all'));
  });

  function watchTheRest(): void {
    const isServed = () => objectsOf(gatewayClasses).length > 0;
    for (const resource of [services, secrets, namespaces, endpointSlices])
      informers.informer<KubeObject>(anyResource(resource)).onChange(whenChanged(isServed));
    for (const resource of [deployments, pods]) {
      const isSystem = (object: KubeObject) => object.metadata.namespace === systemNamespace && isServed();
      informers.informer<KubeObject>(anyResource(resource)).onChange(whenChanged(isSystem));
    }
  }

  function objectsOf({ plural }: Resource<KubeObject>): readonly JsonObject[] {
    return (found.get(plural)?.list() ?? []).map(asJson);
  }

  function reconcile(): ReconcileOutcome {
    if (!informers.informer(pods).list(systemNamespace).some(isController)) return 'done';
    const translation = translate(createView());
    let isWritten = configure(translation);
    for (const { resource, object, status } of translation.statuses) {
      if (jsonEqual(object.status, status)) continue;
      const served = found.get(resource.plural)?.resource ?? resource;
      const answer = client.updateStatus(served, { ...object, status });
      if (!answer.ok && answer.error.code !== 404) isWritten = false;
    }
    return isWritten ? 'done' : 'retry';
  }

  function createView(): TranslationView {
    const slices = slicesOfService(informers.informer(endpointSlices));
    const proxyOf = (gateway: JsonObject) => ({
      service: informers.informer(services).get(systemNamespace, proxyNameOf(gateway)),
      deployment: informers.informer(deployments).get(systemNamespace, proxyNameOf(gateway)),
    });
    return {
      readRules,
      settledRoutes,
      classes: objectsOf(gatewayClasses),
      gateways: objectsOf(gateways),
      httpRoutes: objectsOf(httpRoutes),
      grpcRoutes: objectsOf(grpcRoutes),
      tlsRoutes: objectsOf(tlsRoutes),
      grants: objectsOf(referenceGrants),
      namespaceLabels: (name) => {
        const namespace = informers.informer(namespaces).get('', name);
        return namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
      },
      service: (namespace, name) => informers.informer(services).get(namespace, name),
      slicesOf: slices,
      secret: (namespace, name) => informers.informer(secrets).get(namespace, name),
      proxyOf,
      nowTimestamp: context.nowTimestamp(),
    };
  }

  /** Makes the proxies be as the Gateways want them, and tells them their configuration. */
  function configure({ gateways: served }: Translation): boolean {
    let isDone = true;
    const names = new Set(served.map(({ object }) => proxyNameOf(object)));
    for (const { object, configuration } of served) {
      const key = configuration.gateway;
      if (!jsonEqual(state.configurations.get(key), configuration)) {
        state.configurations.set(key, configuration);
        processes.announce(gatewayTopic(key));
      }
      isDone = makeProxies(object, configuration) && isDone;
    }
    for (const key of [...state.configurations.keys()]) {
      if (served.some(({ configuration }) => configuration.gateway === key)) continue;
      state.configurations.delete(key);
      processes.announce(gatewayTopic(key));
    }
    removeProxies(names);
    return isDone;
  }

  function makeProxies(gateway: JsonObject, { listeners }: GatewayConfiguration): boolean {
    const name = proxyNameOf(gateway);
    const account = ensure(serviceAccounts, name, proxyAccount(gateway));
    const deployment = ensure(deployments, name, proxyDeployment(gateway));
    const wanted = proxyService(
      gateway,
      listeners.map((listener) => listener.name),
    );
    if (wanted === undefined) return account && deployment;
    const service = informers.informer(services).get(systemNamespace, name);
    if (service === undefined) return ensure(services, name, wanted) && account && deployment;
    const { ports, externalIPs = [] } = struct(wanted, 'spec');
    const known = (service.spec?.ports ?? []).map((port) => {
      const { nodePort: _given, ...rest } = port;
      return rest;
    });
    if (jsonEqual(known, ports) && jsonEqual(service.spec?.externalIPs ?? [], externalIPs)) return true;
    const patch = { spec: { ports: ports ?? [], externalIPs } };
    return client.mergePatch(services, systemNamespace, name, patch).ok && account && deployment;
  }

  function ensure<T extends KubeObject>(resource: Resource<T>, name: string, object: JsonObject): boolean {
    if (informers.informer(resource).get(systemNamespace, name) !== undefined) return true;
    const answer = client.create(resource, systemNamespace, object);
    return answer.ok || answer.error.reason === 'AlreadyExists';
  }

  /** Proxies whose Gateway is gone go too. */
  function removeProxies(names: ReadonlySet<string>): void {
    for (const resource of [deployments, services, serviceAccounts].map((one) => anyResource(one))) {
      for (const { metadata } of informers.informer(resource).list(systemNamespace)) {
        if (metadata.labels?.[owningLabels.name] === undefined || names.has(metadata.name)) continue;
        if (metadata.deletionTimestamp === undefined)
          client.delete(resource, systemNamespace, metadata.name, { propagationPolicy: 'Background' });
      }
    }
  }
}

/** A resource whose objects are looked at only as any objects are. */
function anyResource({ group, version, plural, kind, namespaced }: Resource<unknown>): Resource<KubeObject> {
  return { group, version, plural, kind, namespaced };
}

function isController(pod: Pod): boolean {
  const isOurs = pod.spec?.containers.some(
    (container) => image.test(container.image ?? '') && container.args?.includes('server') === true,
  );
  return isOurs === true && isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
}
