/** The causes of Ingresses and Gateways told in English. */
import type { Cause } from './cause.ts';
import { describeArguments, nameObject, type RouteSentences, showList } from './sentences.ts';

type CanaryOf = Extract<Cause, { readonly code: 'ingress-canary' }>['canary'];

/** What each cause says. */
export const englishRoutes: RouteSentences = {
  'ingress-not-served': ({ ingress, className, classes, hasController }) => ({
    sentence: hasController
      ? `No controller serves ${nameObject(ingress)}: ${className === undefined ? 'it names no class' : `its class is ${className}`}, and the IngressClasses are ${showList(classes, 'none')}.`
      : `No Ingress controller runs in the cluster, so nobody serves ${nameObject(ingress)}.`,
    nextStep: hasController
      ? `Set spec.ingressClassName to an IngressClass whose controller runs (\`kubectl get ingressclass\`).`
      : 'An Ingress is only data: look for the Pods of a controller with `kubectl get pods -A`.',
  }),
  'ingress-host-missing': ({ host, hosts }) => ({
    sentence: `No Ingress has a rule for host ${host}; the hosts with rules are ${showList(hosts, 'none')}.`,
    nextStep:
      'Compare spec.rules[*].host with the Host field of the request; a wildcard stands for exactly one label.',
  }),
  'ingress-path-missing': ({ host, path, rules }) => ({
    sentence: `No rule for host ${host} takes the path ${path}; its rules are ${showList(rules, 'none')}.`,
    nextStep: 'Exact takes this very path only; Prefix takes whole elements between slashes.',
  }),
  'ingress-every-host': ({ host, ingress }) => ({
    sentence: `A rule of ${nameObject(ingress)} names no host, so it takes every host that no other rule has, ${host} as well.`,
    nextStep: 'Write the host that is meant into spec.rules[*].host.',
  }),
  'ingress-rule-took': ({ host, path, ingress, rule, service, by }) => ({
    sentence: `The path ${path} of ${host} was taken by ${by === 'default-backend' ? 'the default backend' : `the rule ${rule}`} of ${nameObject(ingress)}, which sends it to Service ${service}, though nobody should answer: ${takenBy[by]}.`,
    nextStep:
      'Make the rule narrower: Exact for one path, a Prefix of whole elements, one host by its full name.',
  }),
  'ingress-annotation': ({ path, ingress, rule, status, annotation }) => ({
    sentence: `The rule ${rule} of ${nameObject(ingress)} took the path ${path}, but the controller answered ${status} by itself: its annotation ${annotation} says so${annotation === 'ssl-redirect' ? ', which holds by default where the host has a certificate' : ''}.`,
    nextStep: `Look at nginx.ingress.kubernetes.io/${annotation} with \`kubectl describe ${describeArguments(ingress)}\`.`,
  }),
  'ingress-annotation-missing': ({ path, ingress, rule, service, wanted, status, annotations }) => ({
    sentence: `The rule ${rule} of ${nameObject(ingress)} took the path ${path} and passed it on to Service ${service}, which answered ${status}; no annotation made the controller answer ${wanted}.`,
    nextStep: `Look at ${annotations.map((name) => `nginx.ingress.kubernetes.io/${name}`).join(' and ')}${wanted === 308 ? '; by default only a host with a certificate of its own is sent to https' : ''}.`,
  }),
  'ingress-canary': ({ path, ingress, service, canary, wentTo, share }) => ({
    sentence: `${share === undefined ? '' : `Of ${share.requests} requests ${share.found} went to the wanted Pods instead of ${share.wanted}. `}Beside ${nameObject(ingress)} (Service ${service}) stands the canary ${nameObject(canary.ingress)} (Service ${canary.service}), and for ${path} ${canaryDecides(canary)}${share === undefined ? `: Service ${wentTo} was asked` : ''}.`,
    nextStep:
      'canary-by-header comes first, then canary-by-cookie; all other requests are shared by canary-weight, out of canary-weight-total (100).',
  }),
  'ingress-backend-secure': ({ ingress, service }) => ({
    sentence: `${nameObject(ingress)} has the annotation backend-protocol HTTPS, so the controller begins TLS with Service ${service}, whose Pods do not speak it.`,
    nextStep:
      'Take nginx.ingress.kubernetes.io/backend-protocol away, or let the Pods serve TLS at that port.',
  }),
  'ingress-backend-silent': ({ ingress, service, seconds }) => ({
    sentence: `${nameObject(ingress)} sends the request to Service ${service}, whose Pod took the connection but did not answer within ${seconds} s, so the controller answered 504.`,
    nextStep:
      'Ask the Pod itself at its address; nginx.ingress.kubernetes.io/proxy-read-timeout says how long the controller waits.',
  }),
  'ingress-path-passed-on': ({ path, ingress, rule, service, target }) => ({
    sentence: `The rule ${rule} of ${nameObject(ingress)} took the path ${path} and asked Service ${service} for ${target}, where it has nothing: the 404 is the Pod's own.`,
    nextStep:
      'A rule passes the path on as it is; with nginx.ingress.kubernetes.io/rewrite-target the Pod is asked for another one.',
  }),
  'ingress-rule-won': ({ path, ingress, rule, service, lost }) => ({
    sentence: `The path ${path} was taken by the rule ${rule} of ${nameObject(ingress)}, which sends it to Service ${service}${lost === undefined ? '; no rule of this host points at the wanted Pods' : `; the rule ${lost.rule} for Service ${lost.service} lost, since ${lostBecause[lost.because]}`}.`,
    nextStep: 'Exact comes before Prefix, and of several Prefixes the longest counts.',
  }),
  'ingress-backend-missing': ({ ingress, service, services }) => ({
    sentence: `${nameObject(ingress)} sends the request to ${nameObject(service)}, which does not exist; Services there are ${showList(services, 'none')}.`,
    nextStep: 'A backend is a Service in the namespace of the Ingress: compare the names.',
  }),
  'ingress-backend-port': ({ ingress, service, port, ports }) => ({
    sentence: `${nameObject(ingress)} names port ${port} of ${nameObject(service)}, whose ports are ${showList(ports, 'none')}.`,
    nextStep: 'Set backend.service.port to a port of the Service (spec.ports[*].port), not of the Pods.',
  }),
  'ingress-certificate': ({ ingress, host, reason }) => ({
    sentence: `The controller shows its own fake certificate for ${host}, not that of ${nameObject(ingress)}: ${reason}.`,
    nextStep: `Look at the events with \`kubectl describe ${describeArguments(ingress)}\` and at the Secret that spec.tls names.`,
  }),
  'gateway-class-not-accepted': ({ gateway, className, classes, isThere }) => ({
    sentence: isThere
      ? `No controller has accepted the GatewayClass ${className} of ${nameObject(gateway)}.`
      : `${nameObject(gateway)} names the GatewayClass ${className}, which does not exist; there are ${showList(classes, 'none')}.`,
    nextStep: isThere
      ? `Compare spec.controllerName in \`kubectl describe gatewayclass ${className}\` with the controllers that run.`
      : 'Set spec.gatewayClassName to one that `kubectl get gatewayclass` shows as accepted.',
  }),
  'gateway-not-ready': ({ gateway, condition, reason, message }) => ({
    sentence: `${nameObject(gateway)} is not ${condition}${reason === '' ? ', and no controller has said why' : ` (${reason}): ${message}`}.`,
    nextStep: `Look at its conditions and those of its listeners with \`kubectl describe ${describeArguments(gateway)}\`.`,
  }),
  'route-not-attached': ({ route, gateway, reason, message, listeners }) => ({
    sentence: `${nameObject(route)} is not attached to ${nameObject(gateway)} (${reason}): ${message} Its listeners: ${listeners.join('; ')}.`,
    nextStep:
      'Compare hostnames, sectionName and namespace of the route with hostname and allowedRoutes of the listener.',
  }),
  'route-names-other-parent': ({ route, gateway, parents }) => ({
    sentence: `${nameObject(route)} does not name ${nameObject(gateway)} as its parent, but ${showList(parents, 'none')}.`,
    nextStep: 'Set spec.parentRefs to name and namespace of the Gateway.',
  }),
  'gateway-host-missing': ({ gateway, host, hostnames }) => ({
    sentence: `No route of ${nameObject(gateway)} has the host ${host}; its routes have ${showList(hostnames, 'none')}.`,
    nextStep: 'Compare spec.hostnames of the route with the Host field of the request.',
  }),
  'gateway-rule-missing': ({ gateway, host, path, rules }) => ({
    sentence: `No rule of ${nameObject(gateway)} for host ${host} takes the request for ${path}; its rules, with what does not fit: ${rules.join('; ')}.`,
    nextStep: 'All conditions of one match have to hold; of several matches of a rule one is enough.',
  }),
  'gateway-rule-took': ({ host, path, route, rule, services, isForEveryHost }) => ({
    sentence: `The request for ${path} of ${host} was taken by the rule ${rule} of ${nameObject(route)}, which sends it to ${showList(services, 'nobody')}, though nobody should answer${isForEveryHost ? ': neither the route nor the listener names a host' : ''}.`,
    nextStep: isForEveryHost
      ? 'Name the hosts in spec.hostnames of the route or at the listener.'
      : 'Make the match narrower: an Exact path, a longer prefix, a whole hostname.',
  }),
  'gateway-weights': ({ path, route, rule, backends, share }) => ({
    sentence: `${share === undefined ? '' : `Of ${share.requests} requests ${share.found} went to the wanted Pods instead of ${share.wanted}. `}The rule ${rule} of ${nameObject(route)} shares requests for ${path} by weight: ${backends.map(({ service, weight }) => `${service} ${weight}`).join(', ')}.`,
    nextStep: 'The share of a backend is its weight divided by the sum of all; one without a weight has 1.',
  }),
  'gateway-rule-won': ({ path, route, rule, services, lost }) => ({
    sentence: `The request for ${path} was taken by the rule ${rule} of ${nameObject(route)}, which sends it to ${showList(services, 'nobody')}${lost === undefined ? '; no rule points at the wanted Pods' : `; the rule ${lost.rule} of ${nameObject(lost.route)} lost: ${gatewayLoss[lost.because]}`}.`,
    nextStep:
      'The most specific hostname comes first, then Exact paths, the longest prefix, a method, the most headers and parameters.',
  }),
  'route-backend-refused': ({ route, rule, problem }) => ({
    sentence: `The rule ${rule} of ${nameObject(route)} can't be carried out: ${problem}.`,
    nextStep: `Look at ResolvedRefs with \`kubectl describe ${describeArguments(route)}\`; a Service of another namespace needs a ReferenceGrant there.`,
  }),
};

const gatewayLoss = {
  '': 'it takes the request',
  host: 'it is for another host',
  path: 'it does not take this path',
  method: 'it wants another method',
  header: 'it wants another header field',
  query: 'it wants another parameter in the query',
  precedence: 'it takes the request too, but the other comes before it',
} as const;

const takenBy = {
  'default-backend': 'it takes all that no rule does',
  expression: 'the path is a regular expression, compared from the beginning of the path only',
  letters: 'it takes all paths that begin with these letters',
  wildcard: 'its host is a wildcard',
  exact: 'it is this very path',
  below: 'it takes everything below its path',
} as const;

const lostBecause = {
  host: 'only the rules of the most specific host are asked',
  'does-not-match': 'it does not take this path',
  exact: 'Exact comes before Prefix',
  longer: 'the path of the other is longer',
  older: 'the other Ingress is older',
} as const;

function canaryDecides({ by, weight, weightTotal }: CanaryOf): string {
  return by === 'weight' ? `canary-weight ${weight} of ${weightTotal} decides` : `canary-by-${by} decides`;
}
