/** What explanations may look at of a cluster: its objects through the door, and the sockets of its machines. */
import { reportRouting } from '../addons/gateway/report.ts';
import { findControllers } from '../addons/ingress/ingress-nginx.ts';
import type { FoundRoute, Router } from '../addons/ingress/router.ts';
import { anyHost } from '../addons/ingress/routes.ts';
import { splitKey } from '../api/objects/keys.ts';
import { pods } from '../api/types/resources.ts';
import type { ExplainView, IngressController, IngressRuleFound } from '../explain/explain.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { findImage, nearestImages } from '../node/images/images.ts';
import type { Member } from './member.ts';
import type { ClusterState } from './state.ts';
import { clientMachine } from './topology.ts';

/** Lines of a container's log that a sentence can hold. */
const lastLines = 1;

/** Images that a sentence can name. */
const suggestedImages = 5;

/** Makes the view. */
export function createExplainView(parts: {
  readonly member: Member;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly state: ClusterState;
}): ExplainView {
  const { member, net, processes, state } = parts;
  const { client, facts } = member;
  return {
    list: (resource, namespace) => client.list(resource, namespace),
    listenersIn: (netns) =>
      [...state.processes.processes.values()]
        .filter((process) => process.netns === netns)
        .flatMap((process) => processes.listeners(process.pid))
        .map(({ protocol, local }) => ({ protocol, address: local.address, port: local.port })),
    machineAddresses: () =>
      new Map(
        [...facts.nodes.map(({ name }) => name), clientMachine, ...state.outsideHosts.keys()].map(
          (machine) => [machine, net.addresses(machine).map(({ cidr }) => cidr.split('/')[0] ?? '')],
        ),
      ),
    nearestImages: (image) =>
      findImage(image) === undefined ? nearestImages(image, suggestedImages) : undefined,
    ingressControllers: () =>
      findControllers(client.list(pods)).map(({ flags }) => sightOf(member.ingress.of(flags))),
    gatewayRouting(gateway, { headers, ...request }) {
      const configuration = member.state.gateway.configurations.get(gateway);
      if (configuration === undefined) return { hostnames: [], rules: [] };
      const report = reportRouting(configuration, { ...request, headers: Object.entries(headers) });
      const rules = report.rules.map(({ kind, namespace, name, ...rule }) => ({
        ...rule,
        route: { kind, namespace, name },
      }));
      return { hostnames: report.hostnames, rules };
    },
    lastLog(namespace, pod, container) {
      for (const { runtime } of member.state.kubelets.values()) {
        const isOfPod = (sandboxId: string) => {
          const sandbox = runtime.sandboxes.get(sandboxId);
          return sandbox?.namespace === namespace && sandbox.name === pod;
        };
        const last = [...runtime.containers.values()]
          .filter(({ name, sandboxId, pid }) => name === container && pid !== undefined && isOfPod(sandboxId))
          .at(-1);
        if (last?.pid === undefined) continue;
        const chunks = processes.readLog(last.pid).map(({ bytes }) => new TextDecoder().decode(bytes));
        return chunks.join('').trimEnd().split('\n').slice(-lastLines).join('\n');
      }
      return '';
    },
  };
}

/** What explanations ask a controller of Ingresses. */
function sightOf(router: Router): IngressController {
  return {
    serves: (ingress) => router.serves(ingress),
    certificateProblem: (ingress, host) => router.certificateProblem(ingress, host),
    find(request) {
      const found = router.find({
        method: 'GET',
        target: request.path,
        scheme: request.scheme,
        host: request.host.toLowerCase(),
        headers: Object.entries(request.headers),
        bodyBytes: 0,
        clientAddress: request.clientAddress,
        localPort: request.scheme === 'https' ? 443 : 80,
        // What chance decided is not known any more; only header fields and cookies are told of.
        chance: 0,
      });
      return found === undefined ? undefined : describeFound(found);
    },
  };
}

function describeFound({
  rule,
  host,
  isRegex,
  answer,
  backend,
  target,
  canary,
}: FoundRoute): IngressRuleFound {
  const service = rule.backend?.service;
  const port = service?.port?.name ?? service?.port?.number;
  const limits = canary?.settings.canary;
  return {
    ingress: { kind: 'Ingress', ...splitKey(rule.ingress) },
    host: host === anyHost ? '' : host,
    path: rule.path,
    pathType: rule.isDefaultBackend ? 'defaultBackend' : rule.pathType,
    isExpression: isRegex,
    target,
    readTimeoutSeconds: rule.settings.readTimeoutMs / 1000,
    isSecure: rule.settings.isSecureBackend,
    ...(answer === undefined ? {} : { answer: { status: answer.status, annotation: answer.by } }),
    ...(service === undefined ? {} : { service: service.name }),
    ...(port === undefined ? {} : { port: String(port) }),
    ...(backend?.problem === undefined ? {} : { problem: backend.problem }),
    ...(canary === undefined || limits === undefined
      ? {}
      : {
          canary: {
            ingress: { kind: 'Ingress', ...splitKey(canary.ingress) },
            service: canary.backend.service?.name ?? '',
            by: canary.verdict.by,
            weight: limits.weight,
            weightTotal: limits.weightTotal,
          },
        }),
  };
}
