/**
 * ingress-nginx's side of the API: the service that its program asks, and its part as a controller, which writes events and the
 * addresses of Ingresses. Wherever a Pod runs its image it acts by that Pod's flags; where none does, nothing happens.
 * The project was retired in March 2026: no release follows, but its annotations live on in manifests.
 * Source: ingress-nginx, internal/ingress/controller/store/store.go, internal/ingress/status/status.go.
 * Differs: what is wrong with a certificate, a path or an annotation is told in an event (the real one logs it, or its admission
 * webhook refuses it); addresses stay when the last controller goes; one of several replicas tells events.
 */
import { keyOf, splitKey } from '../../api/objects/keys.ts';
import { isPodReady } from '../../api/objects/pods.ts';
import type { Ingress, Pod, Service } from '../../api/types/kinds.ts';
import { ingresses, nodes, pods, secrets, services } from '../../api/types/resources.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../../base/json.ts';
import type { ControllerContext, ReconcileOutcome } from '../../client/client.ts';
import type { ProxiedRequest } from '../proxied-request.ts';
import { readSettings } from './annotations.ts';
import { type ControllerFlags, flagsOfJson, readFlags } from './classes.ts';
import type { Router, Routers } from './router.ts';
import { wrongPaths } from './routes.ts';

/** The name under which the controller's program asks. */
export const ingressHostService = 'ingress/nginx';

/** Time between two rounds in which addresses are written. Source: status.go, updateInterval. */
const statusIntervalMs = 60_000;
const image = /(?:^|\/)ingress-nginx\/controller(?:[:@]|$)/;

/** Answers the program: `ask` is `route` or `certificate`, `argv` its command line. */
export function answerIngressProgram(routers: Routers, question: JsonValue): JsonValue {
  if (!isJsonObject(question)) return null;
  const router = routers.of(flagsOfJson(question));
  if (question.ask === 'certificate') {
    return router.certificateFor(typeof question.serverName === 'string' ? question.serverName : undefined);
  }
  const { request } = question;
  if (!isRequest(request)) return null;
  return decisionJson(router.decide(request));
}

function isRequest(value: JsonValue | undefined): value is JsonObject & ProxiedRequest {
  return isJsonObject(value) && typeof value.target === 'string' && Array.isArray(value.headers);
}

function decisionJson(decision: ReturnType<Router['decide']>): JsonValue {
  const copy = (fields: readonly (readonly [string, string])[]) => fields.map((field) => [...field]);
  const { headers } = decision;
  if (decision.kind === 'respond') return { ...decision, headers: copy(headers) };
  return { ...decision, headers: copy(headers), addedHeaders: copy(decision.addedHeaders) };
}

/** A Pod that runs the controller. */
export interface RunningController {
  readonly pod: Pod;
  readonly flags: ControllerFlags;
}

/** The Pods that run the controller and are ready. */
export function findControllers(all: readonly Pod[]): readonly RunningController[] {
  return all.flatMap((pod) => (isReady(pod) ? flagsOfPod(pod) : []));
}

function flagsOfPod(pod: Pod): readonly RunningController[] {
  const container = pod.spec?.containers.find((candidate) => image.test(candidate.image ?? ''));
  if (container === undefined) return [];
  const environment = new Map([
    ['POD_NAME', pod.metadata.name],
    ['POD_NAMESPACE', pod.metadata.namespace ?? ''],
  ]);
  return [{ pod, flags: readFlags([...(container.command ?? []), ...(container.args ?? [])], environment) }];
}

/** Starts the controller's part that writes to the API. */
export function createIngressController(
  context: ControllerContext,
  routers: Routers,
  nowMs: () => number,
): void {
  const { client } = context;
  const ingressInformer = context.informers.informer(ingresses);
  const serviceInformer = context.informers.informer(services);
  const podInformer = context.informers.informer(pods);
  const secretInformer = context.informers.informer(secrets);
  const nodeInformer = context.informers.informer(nodes);
  const recorder = context.eventRecorder('nginx-ingress-controller');
  const queue = context.workqueue('ingress-nginx', (key) => reconcile(key));
  const controllers = () =>
    findControllers(
      podInformer.index('ingress-nginx', (pod) => (flagsOfPod(pod).length > 0 ? ['all'] : []))('all'),
    );

  ingressInformer.onChange(({ after }) => {
    if (after !== undefined) queue.add(`sync ${keyOf(after)}`);
  });
  podInformer.onChange(({ before, after }) => {
    if (after === undefined || flagsOfPod(after).length === 0) return;
    if (isReady(after) && (before === undefined || !isReady(before))) queue.add('all');
  });
  serviceInformer.onChange(({ before, after }) => {
    if (after === undefined || (before !== undefined && jsonEqual(addressesOf(before), addressesOf(after))))
      return;
    const key = keyOf(after);
    if (controllers().some(({ flags }) => flags.publishService === key)) queue.add('addresses');
  });
  secretInformer.onChange(({ before, after }) => {
    const secret = after ?? before;
    if (secret === undefined || controllers().length === 0) return;
    for (const ingress of ingressInformer.list(secret.metadata.namespace)) {
      const isNamed = ingress.spec?.tls?.some(({ secretName }) => secretName === secret.metadata.name);
      if (isNamed === true) queue.add(`certificates ${keyOf(ingress)}`);
    }
  });

  function reconcile(key: string): ReconcileOutcome {
    const [what = '', name = ''] = key.split(' ');
    if (what === 'all' || what === 'addresses') {
      for (const ingress of ingressInformer.list()) {
        queue.add(`${what === 'all' ? 'sync' : 'address'} ${keyOf(ingress)}`);
      }
      return 'done';
    }
    const { namespace, name: own } = splitKey(name);
    const ingress = ingressInformer.get(namespace, own);
    if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined) return 'done';
    const serving = controllers().find(({ flags }) => routers.of(flags).serves(ingress));
    if (serving === undefined) return 'done';
    if (what === 'sync') tell(ingress, routers.of(serving.flags));
    if (what === 'certificates') tellCertificates(ingress, routers.of(serving.flags));
    else if (what === 'write') writeAddresses(ingress, serving);
    else awaitRound(ingress, serving);
    return 'done';
  }

  function tell(ingress: Ingress, router: Router): void {
    recorder.event(ingress, 'Normal', 'Sync', 'Scheduled for sync');
    const refused = wrongPaths(ingress);
    if (refused.length > 0) {
      recorder.event(
        ingress,
        'Warning',
        'InvalidPath',
        `ingress contains invalid paths: ${refused.join('\n')}`,
      );
    }
    for (const problem of readSettings(ingress).problems) {
      recorder.event(ingress, 'Warning', 'UnknownAnnotation', problem);
    }
    tellCertificates(ingress, router);
  }

  function tellCertificates(ingress: Ingress, router: Router): void {
    for (const host of tlsHosts(ingress)) {
      const problem = router.certificateProblem(ingress, host);
      if (problem === undefined) continue;
      recorder.event(ingress, 'Warning', 'DefaultCertificate', `${problem}. Using default certificate`);
    }
  }

  /** Addresses are written in rounds, counted from the controller's start. */
  function awaitRound(ingress: Ingress, serving: RunningController): void {
    if (jsonEqual(currentAddresses(ingress), wantedAddresses(serving))) return;
    const startedMs = Date.parse(serving.pod.status?.startTime ?? serving.pod.metadata.creationTimestamp);
    const passedMs = Math.max(0, nowMs() - startedMs) % statusIntervalMs;
    queue.addAfter(`write ${keyOf(ingress)}`, statusIntervalMs - passedMs);
  }

  function writeAddresses(ingress: Ingress, serving: RunningController): void {
    const wanted = wantedAddresses(serving);
    if (jsonEqual(currentAddresses(ingress), wanted)) return;
    const { namespace = '', name } = ingress.metadata;
    const status = {
      loadBalancer: { ingress: wanted.length === 0 ? null : wanted.map((entry) => ({ ...entry })) },
    };
    client.mergePatch(ingresses, namespace, name, { status }, 'status');
  }

  function wantedAddresses({ flags, pod }: RunningController): readonly JsonObject[] {
    if (flags.publishService === '') {
      const node = nodeInformer.get('', pod.spec?.nodeName ?? '');
      const address = node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      return address === undefined ? [] : [{ ip: address }];
    }
    const [namespace = '', name = ''] = flags.publishService.split('/');
    const service = serviceInformer.get(namespace, name);
    return service === undefined ? [] : addressesOf(service);
  }
}

/** The addresses that a Service gives to Ingresses. Source: status.go, statusAddressFromService. */
function addressesOf({ spec, status }: Service): readonly JsonObject[] {
  const external = (spec?.externalIPs ?? []).map((ip) => ({ ip }));
  switch (spec?.type) {
    case 'ExternalName':
      return [{ hostname: spec.externalName ?? '' }];
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) =>
        ip === undefined ? { hostname: hostname ?? '' } : { ip },
      );
      return [...given, ...external];
    }
    default:
      return spec?.clusterIP === undefined || spec.clusterIP === 'None'
        ? external
        : [{ ip: spec.clusterIP }, ...external];
  }
}

function currentAddresses(ingress: Ingress): readonly JsonObject[] {
  return (ingress.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) =>
    ip === undefined ? { hostname: hostname ?? '' } : { ip },
  );
}

function tlsHosts(ingress: Ingress): ReadonlySet<string> {
  const listed = (ingress.spec?.tls ?? []).flatMap(({ hosts }) => hosts ?? []);
  const ruled = new Set((ingress.spec?.rules ?? []).map(({ host }) => host));
  return new Set(listed.filter((host) => ruled.has(host)));
}

function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && isPodReady(pod);
}
