/** The causes told in English. */
import type { ObjectName, Place, UnknownImage } from './cause.ts';
import {
  describeArguments,
  isByLabels,
  isPlainValue,
  nameObject,
  namePlace,
  namePlaceInFile,
  type Sentences,
  showLabels,
  showList,
} from './sentences.ts';
import { tellBroken, tellRefused } from './sentences-manifest-en.ts';
import { englishRoutes } from './sentences-routes-en.ts';

const throughRule = (rule: { readonly chain: string } | undefined): string =>
  rule === undefined ? '' : ` (the rule in chain ${rule.chain} turned the packet away)`;

const lookedFor = (object: ObjectName): string =>
  object.name === ''
    ? `${object.kind}${object.namespace === '' ? '' : ` in namespace ${object.namespace}`}`
    : isByLabels(object)
      ? `${object.kind} with ${object.name} in namespace ${object.namespace}`
      : nameObject(object);

/** Nobody but the cluster writes status: what it is made from has to change. */
const mendField = (object: ObjectName, path: string, wanted: string): string => {
  if (path.endsWith('.restartCount')) {
    return `It goes up when a container ends and the kubelet starts it again; \`kubectl get ${describeArguments(object)}\` shows it as RESTARTS.`;
  }
  if (path.startsWith('status.')) {
    return `The cluster itself writes status; look with \`kubectl describe ${describeArguments(object)}\` at what in spec it comes from.`;
  }
  if (wanted === '∅') return `Take ${path} away and apply again.`;
  if (wanted === '*') return `Add ${path} and apply again.`;
  return isPlainValue(wanted) ? `Set ${path} to ${wanted} and apply again.` : `Fix ${path} and apply again.`;
};

const allowDns = (direction: 'Ingress' | 'Egress'): string =>
  direction === 'Egress'
    ? 'DNS is ordinary egress: add a rule to spec.egress for port 53 of UDP and TCP to the Pods k8s-app=kube-dns in namespace kube-system.'
    : 'Let the Pods k8s-app=kube-dns be asked on port 53 of UDP and TCP.';

const allowPeer = (field: 'ingress' | 'egress', peer: Place): string => {
  const list = field === 'ingress' ? 'from' : 'to';
  const isPod = typeof peer !== 'string' && peer.kind === 'Pod';
  return isPod
    ? `Compare spec.${field}[*].${list} and ports with the labels of both Pods and of their namespaces (\`kubectl describe networkpolicy\`).`
    : `Selectors take Pods only; allow this address with an ipBlock in spec.${field}[*].${list}, or ask the Pod from another Pod.`;
};

const strayTie = ({ object, label }: { readonly object: ObjectName; readonly label?: string }): string =>
  object.kind === 'Endpoints'
    ? 'has the name of no Service'
    : label === undefined
      ? 'has no label kubernetes.io/service-name'
      : `says kubernetes.io/service-name=${label}`;

/** What a status says of where the request came to. */
const nextStepOfAnswer = (what: string, found: string): string => {
  if (what === 'status' && /^50[234]$/.test(found))
    return 'It comes from a proxy on the way that got no answer from behind it: look at its configuration, and try from there what it asks for.';
  if (what === 'status' && found === '404')
    return 'It comes from a server that does not know this host name or path: find out which server it is, and what it is told to serve.';
  return 'Look at which Pod answered and on which port and path.';
};

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const english: Sentences = {
  'selector-matches-nothing': ({ service, selector, nearest, rule }) => ({
    sentence:
      nearest === undefined
        ? `${nameObject(service)} selects ${showLabels(selector)}, but no Pod in namespace ${service.namespace} carries these labels, so it has no endpoints${throughRule(rule)}.`
        : `${nameObject(service)} selects ${nearest.key}=${nearest.wanted}, but ${nameObject(nearest.pod)} ${nearest.found === undefined ? `has no label ${nearest.key}` : `says ${nearest.key}=${nearest.found}`}, so the Service has no endpoints${throughRule(rule)}.`,
    nextStep:
      'Compare `kubectl get pods --show-labels` with spec.selector of the Service and make the two agree.',
  }),
  'no-ready-endpoints': ({ service, pods, rule }) => ({
    sentence: `${nameObject(service)} selects ${pods.map(({ pod, reason }) => `${nameObject(pod)} (${reason})`).join(', ')}, but none of them is ready, so it has no endpoints${throughRule(rule)}.`,
    nextStep:
      imageStep(pods.find(({ image }) => image !== undefined)?.image) ??
      'Look at the Ready condition and the events with `kubectl describe pod`.',
  }),
  'no-selector': ({ service, stray, rule }) => ({
    sentence: `${nameObject(service)} has no selector and nobody wrote endpoints for it${throughRule(rule)}.${stray === undefined ? '' : ` ${nameObject(stray.object)} ${strayTie(stray)}, so it belongs to no Service.`}`,
    nextStep:
      stray === undefined
        ? 'Give it spec.selector, or write an EndpointSlice with the label kubernetes.io/service-name.'
        : stray.object.kind === 'Endpoints'
          ? `Endpoints belong to the Service of the same name: call them ${service.name}.`
          : `Label the EndpointSlice kubernetes.io/service-name=${service.name}.`,
  }),
  'endpoint-port-name': ({ service, endpoints, wanted, found }) => ({
    sentence: `The port of ${nameObject(service)} ${wanted === '' ? 'has no name' : `is called ${wanted}`}, but ${nameObject(endpoints)} has only ${found.map((name) => (name === '' ? 'a port without a name' : name)).join(', ') || 'no port at all'}, so kube-proxy finds no endpoint for it.`,
    nextStep:
      'A port of the Service is joined with its endpoints by name: give both the same, or leave it out in both.',
  }),
  'endpoint-is-service-address': ({ service, endpoints, address, owner }) => ({
    sentence: `${nameObject(endpoints)} sends ${nameObject(service)} to ${address}, which is the address of ${nameObject(owner)}: a packet is translated once, and no machine has that address.`,
    nextStep:
      'An endpoint must be an address at which a process listens: of a Pod, a node or a host outside.',
  }),
  'nobody-listens': ({ at, address, port, listening, field }) => ({
    sentence: `The packet arrived at ${namePlace(at)} (${address}), but no process listens on port ${port} there; it listens on ${showList(listening, 'no port at all')}${field === undefined ? '' : `. ${field.path} of ${nameObject(field.object)} is ${field.value}`}.`,
    nextStep:
      field === undefined
        ? 'Ask a port on which the process listens, or make the process listen on this one.'
        : `Set ${field.path} of ${nameObject(field.object)} to a port on which the process listens.`,
  }),
  'listens-on-localhost': ({ at, address, port }) => ({
    sentence: `The packet arrived at ${namePlace(at)} (${address}), but the process on port ${port} listens on 127.0.0.1 only.`,
    nextStep:
      'From outside the Pod only a process that listens on 0.0.0.0 or on the Pod address can be reached.',
  }),
  'no-such-service-port': ({ service, port, ports, protocol }) => ({
    sentence:
      protocol === undefined
        ? `${nameObject(service)} has no port ${port}; its ports are ${showList(ports, 'none')}, so no rule of kube-proxy matched the packet.`
        : `${nameObject(service)} has port ${port}, but not for ${protocol}, so no rule of kube-proxy matched the packet.`,
    nextStep:
      protocol === undefined
        ? 'Compare spec.ports[*].port of the Service with the port that is asked for.'
        : `Add an entry to spec.ports with protocol: ${protocol} and a name of its own; without protocol it is TCP.`,
  }),
  'named-port-missing': ({ service, targetPort, declared }) => ({
    sentence: `targetPort of ${nameObject(service)} is the name ${targetPort}, but the Pods declare only ${showList(declared, 'ports without names')}.`,
    nextStep: 'Give the container port this name under spec.containers[*].ports[*].name, or use the number.',
  }),
  'type-not-reachable-from-there': ({ service, type, from, needed }) => ({
    sentence: `${nameObject(service)} is of type ${type}: its address exists only in the rules of the nodes, and ${namePlace(from)} has no way to it.`,
    nextStep: `From there a Service of type ${needed} can be reached.`,
  }),
  'no-such-node-port': ({ port, nodePorts }) => ({
    sentence: `No Service has nodePort ${port}; ${nodePorts.length === 0 ? 'there is no nodePort at all' : `there are ${nodePorts.map((entry) => `${entry.nodePort} (${nameObject(entry.service)})`).join(', ')}`}.`,
    nextStep: 'Set spec.type to NodePort and spec.ports[*].nodePort to the port that is asked for.',
  }),
  'load-balancer-pending': ({ service, loadBalancerClass, address }) => ({
    sentence:
      address !== undefined
        ? `The status of ${nameObject(service)} says ${address}, but no load balancer has that address${loadBalancerClass === undefined ? '' : `, and no controller claims loadBalancerClass ${loadBalancerClass}`}: what is written into a status makes nothing.`
        : loadBalancerClass === undefined
          ? `${nameObject(service)} has no external address: its status.loadBalancer is empty.`
          : `${nameObject(service)} has no external address: no controller claims loadBalancerClass ${loadBalancerClass}.`,
    nextStep:
      loadBalancerClass === undefined
        ? 'Check that spec.type is LoadBalancer, then look at the events with `kubectl describe service`.'
        : 'Leave out spec.loadBalancerClass; it may not be changed later, so make the Service again.',
  }),
  'no-local-endpoints': ({ service, node, policy, rule }) => ({
    sentence: `${policy} of ${nameObject(service)} is Local, and ${node} runs none of its Pods, so the packet was dropped there${throughRule(rule)}.`,
    nextStep: 'Ask a node that runs one of the Pods, or use the policy Cluster.',
  }),
  'source-range': ({ service, client, ranges, rule }) => ({
    sentence: `loadBalancerSourceRanges of ${nameObject(service)} (${ranges.join(', ')}) leave out the client ${client}${throughRule(rule)}.`,
    nextStep: 'Add a range that holds the client to spec.loadBalancerSourceRanges.',
  }),
  'denied-by-policy': ({ direction, pod, peer, protocol, port, policies, nearest, isDns }) => {
    const way = direction === 'Ingress' ? 'from' : 'to';
    const field = direction === 'Ingress' ? 'ingress' : 'egress';
    const near =
      nearest === undefined
        ? ''
        : ` The nearest is ${nearest.path} of ${nameObject(nearest.policy)}: it takes the ${nearest.differs === 'port' ? 'peer, but not this port' : 'port, but not this peer'}.`;
    return {
      sentence: `${showList(policies.map(nameObject), 'A NetworkPolicy')} ${policies.length > 1 ? 'isolate' : 'isolates'} ${nameObject(pod)} for ${field}, and no rule allows ${protocol} port ${port} ${way} ${namePlace(peer)}${isDns === true ? ' (DNS)' : ''}, so the packet was dropped.${near}`,
      nextStep: isDns === true ? allowDns(direction) : allowPeer(field, peer),
    };
  },
  'rule-stopped-packet': ({ rule, at, verdict }) => ({
    sentence: `On ${at} the packet was ${verdict} by rule ${rule.number} of chain ${rule.chain} in table ${rule.table}: ${rule.text}`,
    nextStep: `Find out who wrote this rule and why: \`iptables-save -t ${rule.table}\` on ${at}.`,
  }),
  'no-route': ({ at, destination }) => ({
    sentence: `${at} has no route to ${destination}.`,
    nextStep: 'Check the address that is asked for; `ip route` shows which networks are known there.',
  }),
  'address-unused': ({ address }) => ({
    sentence: `Nobody has the address ${address}: no machine, no Pod, no Service.`,
    nextStep:
      'Compare it with `kubectl get pods,services,nodes -A -o wide`; addresses of deleted objects do not come back.',
  }),
  'wrong-answer': ({ what, wanted, found }) => ({
    sentence:
      what === 'Pod'
        ? `An answer came, but from Pod ${found} instead of one with ${wanted}.`
        : `An answer came, but its ${what} is ${found} instead of ${wanted}.`,
    nextStep: nextStepOfAnswer(what, found),
  }),
  'client-address-rewritten': ({ wanted, found, rule }) => ({
    sentence: `The server saw the request come from ${found} instead of ${wanted}${rule === undefined ? '' : `: it was masqueraded by a rule of chain ${rule.chain}`}.`,
    nextStep: 'With externalTrafficPolicy: Local packets from outside keep their source address.',
  }),
  'reachable-but-should-not-be': ({ from, to, through, allowedBy, isOpen, sourceRange }) => ({
    sentence: `${upperFirst(namePlace(from))} can reach ${to}${through === undefined ? '' : ` through ${namePlace(through)}`}, though it should not.${allowedBy === undefined ? '' : ` It is allowed by ${allowedBy.map(({ path, policy }) => `${path} of ${nameObject(policy)}`).join(' and ')}.`}${isOpen === true ? ' No NetworkPolicy selects either end of it.' : ''}${sourceRange === undefined ? '' : ` Its address ${sourceRange.client} lies in ${sourceRange.range} of spec.loadBalancerSourceRanges.`}`,
    nextStep:
      allowedBy === undefined
        ? isOpen === true
          ? 'A policy selects Pods of its own namespace only: compare its namespace and podSelector with the Pod (`kubectl get networkpolicy -A`).'
          : sourceRange !== undefined
            ? 'Narrow spec.loadBalancerSourceRanges until it holds the wanted addresses and no others.'
            : 'Look at the way of the packet (trace) and take away what lets it in.'
        : `Policies add up: what one allows no other takes back. Narrow ${allowedBy.map(({ path }) => path).join(' or ')}.`,
  }),
  'name-not-found': ({ name, from, nearest }) => ({
    sentence: `The name ${name} does not resolve from ${namePlace(from)}${nearest === undefined ? ': no such Service exists' : `; the nearest is ${nameObject(nearest)}`}.`,
    nextStep:
      'A short name is looked up in the namespace of the Pod that asks; elsewhere it is SERVICE.NAMESPACE.',
  }),
  'external-name-unknown': ({ service, externalName, isAddress }) => ({
    sentence: isAddress
      ? `spec.externalName of ${nameObject(service)} is ${externalName}, an address: DNS would have to answer with an alias, and an alias leads to a name.`
      : `spec.externalName of ${nameObject(service)} is ${externalName}, and no name server knows that name.`,
    nextStep: isAddress
      ? 'Write the name of the host; for an address take a Service without a selector and an EndpointSlice.'
      : 'Compare spec.externalName with the name that is meant, letter by letter.',
  }),
  'pod-name-unpublished': ({ name, service, pod }) => ({
    sentence:
      pod === undefined
        ? `The name ${name} does not resolve: ${nameObject(service)} is there, but no Pod behind it has that host name.`
        : `The name ${name} does not resolve: ${nameObject(pod.pod)} is there, but its subdomain is ${pod.subdomain === '' ? 'not set' : pod.subdomain} instead of ${service.name}.`,
    nextStep:
      'Pods have names of their own when a StatefulSet makes them whose spec.serviceName is the name of the Service.',
  }),
  'resolves-elsewhere': ({ name, wanted, found }) => ({
    sentence: `The name ${name} resolves to ${showList(found, 'nothing')} instead of ${showList(wanted, 'nothing')}.`,
    nextStep: 'Look at the Service of that name: its clusterIP, selector and type.',
  }),
  'refused-by-api-server': tellRefused,
  'broken-manifest': tellBroken,
  'missing-since-refused': ({ file, line, column, object }) => ({
    sentence:
      object === undefined
        ? `Nothing of ${file} was made, since it could not be read (${namePlaceInFile(file, line, column)}).`
        : `There is no ${nameObject(object)}, since the API server refused it (${namePlaceInFile(file, line, column)}).`,
    nextStep: 'Mend that first; this check looks again then.',
  }),
  'object-missing': ({ object, nearest, wasThere }) => ({
    sentence:
      wasThere === true
        ? `There is no ${lookedFor(object)} any more.`
        : `There is no ${lookedFor(object)}${nearest === undefined ? '' : `; there is ${nameObject(nearest)}`}.`,
    nextStep:
      wasThere === true
        ? 'It was there at the beginning: find the line that deletes it, and do without.'
        : object.name === ''
          ? 'Check kind and namespace in the manifest: without a namespace an object lands in that of the context.'
          : `Check the ${isByLabels(object) ? 'labels' : 'name'} and the namespace in what you wrote.`,
  }),
  'identity-differs': ({ object, shouldBeNew }) => ({
    sentence: shouldBeNew
      ? `${nameObject(object)} is still the one that was there at the beginning.`
      : `${nameObject(object)} is not the one that was there at the beginning, but a new one of that name.`,
    nextStep: shouldBeNew
      ? 'Delete it, so that whoever owns it makes another in its place.'
      : 'Change it without deleting it; metadata.uid tells one from the other.',
  }),
  'unknown-command': ({ file, command, word, nearest, sessionLine }) => ({
    sentence: `${file}: the shell knows no command \`${word}\`, with which the line \`${command}\` begins.`,
    nextStep:
      word === '$' || word === '%'
        ? `Leave out the prompt \`${word}\`: a script holds only what you type behind it.`
        : sessionLine !== undefined
          ? `In a script \`${sessionLine}\` alone opens a shell that ends at once: write it in front of each command that is meant for there.`
          : nearest === undefined
            ? 'A script holds commands, one on each line; take out what they printed, and put a # before a remark.'
            : `Did you mean ${nearest}?`,
  }),
  'no-commands': ({ file }) => ({
    sentence: `${file} holds no command, only blank lines or comments.`,
    nextStep: 'Try the commands in the shell (s), then write them into the file, one on each line.',
  }),
  'pods-refused': ({ controller, message }) => ({
    sentence: `${nameObject(controller)} can't make its Pods: ${message}`,
    nextStep: `Fix what the message names; \`kubectl describe ${describeArguments(controller)}\` shows each try under Events.`,
  }),
  'object-should-not-exist': ({ object }) => ({
    sentence: `${nameObject(object)} is still there.`,
    nextStep: 'Delete it, or find out which controller makes it again.',
  }),
  'count-differs': ({ counted, wanted, found }) => ({
    sentence: `${counted.namespace === '' ? 'The cluster' : `Namespace ${counted.namespace}`} has ${found.length} of kind ${counted.kind}${counted.name === '' ? '' : ` with ${counted.name}`}${found.length === 0 ? '' : ` (${found.join(', ')})`}, wanted is ${wanted}.`,
    nextStep: `Look with \`kubectl get ${counted.kind.toLowerCase()}${counted.namespace === '' ? '' : ` -n ${counted.namespace}`}\`, make what is missing and delete what is too much.`,
  }),
  'field-differs': ({ object, path, wanted, found }) => ({
    sentence: `${path} of ${nameObject(object)} is ${found ?? 'not set'}, ${wanted === '*' ? 'but should be' : wanted === '∅' ? 'but should not be set' : `wanted is ${wanted}`}.`,
    nextStep: mendField(object, path, wanted),
  }),
  'container-not-running': ({ pod, container, reason, lastLog, image, nearest, exitCode, warning }) => {
    const ended = exitCode === undefined ? '' : `, its process ended with exit code ${exitCode}`;
    const said = warning ?? (lastLog === '' ? '' : `its last words: ${lastLog}`);
    return {
      sentence: `Container ${container} of ${nameObject(pod)} does not run (${reason}${ended})${image === undefined ? '' : `: its image ${image} can't be pulled`}${said === '' ? '' : `; ${said}`}.`,
      nextStep:
        image !== undefined
          ? `Check the name and the tag of the image letter by letter.${nearImages(nearest)}`
          : exitCode === 0
            ? 'A container runs as long as its first process: give it one that does not end by itself, such as a server or a sleep.'
            : exitCode === undefined
              ? `Read the events in \`kubectl describe ${describeArguments(pod)}\`.`
              : `Look at it with \`kubectl describe ${describeArguments(pod)}\` and \`kubectl logs ${pod.name} -c ${container} --previous\`.`,
    };
  },
  'pod-not-scheduled': ({ pod, message }) => ({
    sentence: `${nameObject(pod)} has no node: ${message}`,
    nextStep: message.includes('affinity/selector')
      ? 'Compare nodeSelector and affinity of the Pod with `kubectl get nodes --show-labels`.'
      : 'Compare what the Pod asks for with what the nodes offer (`kubectl describe nodes`).',
  }),
  'output-differs': ({ command, expects, wanted, found }) => {
    const shown = found === '' ? 'nothing' : found;
    if (expects === 'command' || expects === 'no-command') {
      return {
        sentence: `${command} ${expects === 'command' ? 'has to hold a command with' : 'must not hold a command with'} \`${wanted}\`; it holds: ${shown}`,
        nextStep: 'Read the task again: it says in which way this is to be done.',
      };
    }
    const what =
      expects === 'line'
        ? `should print a line like \`${wanted}\`, but printed`
        : expects === 'no-line'
          ? `should print no line like \`${wanted}\`, but printed`
          : `should print ${wanted}, but printed`;
    return {
      sentence: `\`${command}\` ${what} ${shown}`,
      nextStep: 'Run the command yourself in the shell (s) and compare.',
    };
  },
  'log-differs': ({ pod, pattern, isWanted, lines }) => ({
    sentence: isWanted
      ? `The log of ${nameObject(pod)} has ${lines === 0 ? 'no line' : lines === 1 ? 'only one line' : `only ${lines} lines`} like \`${pattern}\`.`
      : `The log of ${nameObject(pod)} should have no line like \`${pattern}\`, but has ${lines}.`,
    nextStep: `Read it whole with \`kubectl logs ${pod.name}${pod.namespace === 'default' ? '' : ` -n ${pod.namespace}`}\`.`,
  }),
  'command-failed': ({ command, exitCode, stderr }) => ({
    sentence: `\`${command}\` ended with exit code ${exitCode}${stderr === '' ? '' : `: ${stderr}`}`,
    nextStep: 'Run the command yourself in the shell (s) and read its message.',
  }),
  'value-form': ({ key, found, isMore }) => ({
    sentence: isMore
      ? `The value of ${key}, ${found}, holds what is asked for, but more besides.`
      : `The value of ${key}, ${found}, is only a part of what is asked for.`,
    nextStep: 'Write the value in just the form that the task gives, and nothing else.',
  }),
  'value-differs': ({ key, found, confusedWith, lookWith }) => ({
    sentence:
      confusedWith === undefined
        ? `The value of ${key}, ${found}, is not what this cluster shows.`
        : `The value of ${key}, ${found}, is ${confusionsEn.get(confusedWith) ?? confusedWith}, which is not what is asked for.`,
    nextStep: `Look again with \`${lookWith}\`.`,
  }),
  'value-missing': ({ key, lookWith }) => ({
    sentence: `No value is written down for ${key}.`,
    nextStep: `Find it with \`${lookWith}\` and write it into the file.`,
  }),
  ...englishRoutes,
  'limit-reached': ({ limit }) => ({
    sentence: `The answer was stopped because it reached a limit: ${limit}.`,
    nextStep: 'Look for a loop without an end or for output without an end.',
  }),
};

/** What a value may have been taken for, by the name that an exercise gives. */
const confusionsEn: ReadonlyMap<string, string> = new Map([
  ['pod-address', 'the address of a Pod'],
  ['node-address', 'the address of a node'],
  ['service-address', 'the address of a Service'],
  ['load-balancer-address', 'the address of a load balancer'],
  ['client-address', 'the address of the client outside'],
  ['bridge-address', 'the address of a bridge on the node'],
  ['app-container-id', 'the id of an app container'],
  ['sandbox-id', 'the id of the Pod sandbox'],
  ['service-port', 'the port of the Service'],
  ['target-port', 'the targetPort'],
  ['node-port', 'the nodePort'],
  ['container-port', 'the containerPort that is only declared'],
  ['service-chain', 'the chain of the Service (KUBE-SVC)'],
  ['endpoint-chain', 'the chain of an endpoint (KUBE-SEP)'],
  ['other-endpoint-chain', 'the chain of another endpoint (KUBE-SEP)'],
  ['external-chain', 'the chain for traffic from outside (KUBE-EXT)'],
  ['other-probability', 'the probability of another rule'],
  ['pod-of-prefix', 'the Pod behind a Prefix rule, where an Exact rule goes first'],
  ['pod-of-shorter-prefix', 'the Pod behind a shorter Prefix, where a longer one goes first'],
  [
    'pod-of-same-letters',
    'the Pod behind a Prefix that has the first letters of the path, but not its whole elements',
  ],
  ['name-server-address', 'the address of the name server that answered'],
  ['service-name', 'the name of the Service, not of one Pod'],
  ['quota-with-room', 'a quota that still has room'],
  ['reason-of-success', 'the reason of an event that tells of success'],
  ['reason-of-status', 'the reason of the API server’s answer, which the event only quotes'],
  ['other-component', 'another component, which never got to see the Pod'],
]);

/** What to do about an image that no registry has. */
function imageStep(image: UnknownImage | undefined): string | undefined {
  return image === undefined
    ? undefined
    : `No registry has the image ${image.name}.${nearImages(image.nearest)}`;
}

function nearImages(names: readonly string[] | undefined): string {
  return names === undefined
    ? ''
    : ` Images whose names come near: ${names.join(', ')}; \`kubedrill images\` lists all.`;
}
