/**
 * The causes told in Korean, with the terms of the Korean Kubernetes documentation. Names and values stand where no
 * particle depends on their last sound.
 */
import type { ObjectName, Place, UnknownImage } from './cause.ts';
import { kindName, named, withParticle } from './names-ko.ts';
import {
  describeArguments,
  isByLabels,
  isPlainValue,
  namePlaceInFile,
  type Sentences,
  showLabels,
  showList,
} from './sentences.ts';
import { tellBroken, tellRefused } from './sentences-manifest-ko.ts';
import { koreanRoutes } from './sentences-routes-ko.ts';

const lookedFor = (object: ObjectName): string =>
  object.name === ''
    ? `${object.namespace === '' ? '' : `${object.namespace} 네임스페이스의 `}${kindName(object.kind)}`
    : isByLabels(object)
      ? `${object.namespace} 네임스페이스에서 ${object.name} 레이블을 가진 ${kindName(object.kind)}`
      : named(object);

/** Nobody but the cluster writes status: what it is made from has to change. */
const mendField = (object: ObjectName, path: string, wanted: string): string => {
  if (path.endsWith('.restartCount')) {
    return `컨테이너가 끝나고 kubelet이 다시 시작할 때마다 올라가는 값입니다. \`kubectl get ${describeArguments(object)}\`에는 RESTARTS로 나옵니다.`;
  }
  if (path.startsWith('status.')) {
    return `status는 클러스터가 씁니다. \`kubectl describe ${describeArguments(object)}\` 명령으로 spec의 무엇 때문인지 살펴보세요.`;
  }
  if (wanted === '∅') return `${path} 필드를 빼고 다시 적용하세요.`;
  if (wanted === '*') return `${path} 값을 적어 다시 적용하세요.`;
  return isPlainValue(wanted)
    ? `${path} 값을 고쳐(${wanted}) 다시 적용하세요.`
    : `${path} 값을 고쳐 다시 적용하세요.`;
};

const place = (at: Place): string => {
  if (at === 'client') return '클러스터 밖의 클라이언트';
  if (typeof at === 'string') return /^[\d.]+$/.test(at) ? `${at} 주소` : `${at} 머신`;
  return named(at);
};

const allowDns = (direction: 'Ingress' | 'Egress'): string =>
  direction === 'Egress'
    ? 'DNS도 보통의 egress 트래픽입니다. spec.egress에 kube-system 네임스페이스의 k8s-app=kube-dns 파드로 가는 UDP와 TCP 53번 포트 규칙을 추가하세요.'
    : 'k8s-app=kube-dns 파드가 UDP와 TCP 53번 포트로 질문을 받을 수 있게 하세요.';

const allowPeer = (field: 'ingress' | 'egress', peer: Place): string => {
  const list = field === 'ingress' ? 'from' : 'to';
  const isPod = typeof peer !== 'string' && peer.kind === 'Pod';
  return isPod
    ? `spec.${field}[*].${list}와 ports를 두 파드와 그 네임스페이스의 레이블과 비교하세요(\`kubectl describe networkpolicy\`).`
    : `셀렉터는 파드만 고릅니다. 이 주소는 spec.${field}[*].${list}의 ipBlock으로 허용하거나, 다른 파드에서 요청하세요.`;
};

const strayTie = ({ object, label }: { readonly object: ObjectName; readonly label?: string }): string =>
  object.kind === 'Endpoints'
    ? '같은 이름의 서비스가 없어'
    : label === undefined
      ? 'kubernetes.io/service-name 레이블이 없어'
      : `레이블(kubernetes.io/service-name=${label})의 서비스가 없어`;

/** What a status says of where the request came to. */
const nextStepOfAnswer = (what: string, found: string): string => {
  if (what === 'status' && /^50[234]$/.test(found))
    return '중간의 프록시가 그 뒤에서 응답을 받지 못했다는 뜻입니다. 프록시의 설정을 보고, 프록시가 요청하는 곳으로 직접 요청해 보세요.';
  if (what === 'status' && found === '404')
    return '요청을 받은 서버가 이 호스트 이름이나 경로를 모른다는 뜻입니다. 어느 서버인지, 무엇을 서비스하도록 설정됐는지 확인하세요.';
  return '어느 파드가 어느 포트와 경로로 응답했는지 살펴보세요.';
};

const throughRule = (rule: { readonly chain: string } | undefined): string =>
  rule === undefined ? '' : ` (패킷은 ${rule.chain} 체인의 규칙에서 거부되었습니다)`;

export const korean: Sentences = {
  'selector-matches-nothing': ({ service, selector, nearest, rule }) => ({
    sentence:
      nearest === undefined
        ? `${named(service)}의 셀렉터는 ${showLabels(selector)}인데, ${service.namespace} 네임스페이스에 이 레이블을 가진 파드가 없어 엔드포인트가 비어 있습니다${throughRule(rule)}.`
        : `${named(service)}의 셀렉터는 ${nearest.key}=${nearest.wanted}인데, ${named(nearest.pod)}에 ${nearest.found === undefined ? `${nearest.key} 레이블이 없어` : `붙은 레이블이 달라(${nearest.key}=${nearest.found})`} 엔드포인트가 비어 있습니다${throughRule(rule)}.`,
    nextStep: '`kubectl get pods --show-labels`의 레이블과 서비스의 spec.selector를 비교해 서로 맞추세요.',
  }),
  'no-ready-endpoints': ({ service, pods, rule }) => ({
    sentence: `${named(service)}에 선택된 파드 중 준비된 것이 없어 엔드포인트가 비어 있습니다: ${pods.map(({ pod, reason }) => `${named(pod)} (${reason})`).join(', ')}${throughRule(rule)}.`,
    nextStep:
      imageStep(pods.find(({ image }) => image !== undefined)?.image) ??
      '`kubectl describe pod`에서 Ready 컨디션과 이벤트를 살펴보세요.',
  }),
  'no-selector': ({ service, stray, rule }) => ({
    sentence: `${named(service)}에 셀렉터가 없고, 손으로 작성한 엔드포인트도 없습니다${throughRule(rule)}.${stray === undefined ? '' : ` ${named(stray.object)}: ${strayTie(stray)} 어느 서비스에도 속하지 않습니다.`}`,
    nextStep:
      stray === undefined
        ? 'spec.selector를 추가하거나, kubernetes.io/service-name 레이블을 붙인 EndpointSlice를 작성하세요.'
        : stray.object.kind === 'Endpoints'
          ? `Endpoints는 이름이 같은 서비스에 속합니다. 이름을 바꾸세요: ${service.name}`
          : `EndpointSlice에 kubernetes.io/service-name=${service.name} 레이블을 붙이세요.`,
  }),
  'endpoint-port-name': ({ service, endpoints, wanted, found }) => ({
    sentence: `${named(service)}의 포트 이름(${wanted === '' ? '없음' : wanted})과 같은 이름의 포트가 ${named(endpoints)}에 없어(있는 이름: ${found.map((name) => (name === '' ? '이름 없음' : name)).join(', ') || '없음'}), kube-proxy가 보낼 엔드포인트를 찾지 못합니다.`,
    nextStep:
      '서비스의 포트와 엔드포인트의 포트는 이름으로 이어집니다. 양쪽에 같은 이름을 주거나, 양쪽 모두 이름을 빼세요.',
  }),
  'endpoint-is-service-address': ({ service, endpoints, address, owner }) => ({
    sentence: `${named(service)}의 패킷을 ${named(endpoints)}에 적힌 ${address} 주소로 보내는데, 이것은 ${named(owner)}의 주소입니다. 목적지는 한 번만 변환되고, 그 주소를 가진 머신은 없습니다.`,
    nextStep:
      '엔드포인트는 프로세스가 실제로 듣는 주소여야 합니다. 파드나 노드, 또는 클러스터 밖 호스트의 주소를 적으세요.',
  }),
  'nobody-listens': ({ at, address, port, listening, field }) => ({
    sentence: `패킷은 ${place(at)}(${address})까지 도착했지만, 거기서 포트 ${port}번을 듣고 있는 프로세스가 없습니다. 듣고 있는 포트: ${showList(listening, '없음')}.${field === undefined ? '' : ` ${named(field.object)}의 ${field.path} 값은 ${field.value}입니다.`}`,
    nextStep:
      field === undefined
        ? '프로세스가 듣고 있는 포트로 요청하거나, 프로세스가 이 포트를 듣게 하세요.'
        : `${named(field.object)}의 ${field.path} 값을 프로세스가 듣고 있는 포트로 바꾸세요.`,
  }),
  'listens-on-localhost': ({ at, address, port }) => ({
    sentence: `패킷은 ${place(at)}(${address})까지 도착했지만, 포트 ${port}번의 프로세스는 127.0.0.1에서만 듣고 있습니다.`,
    nextStep: '파드 밖에서는 0.0.0.0이나 파드 주소에서 듣는 프로세스에만 닿을 수 있습니다.',
  }),
  'no-such-service-port': ({ service, port, ports, protocol }) => ({
    sentence:
      protocol === undefined
        ? `${named(service)}에는 포트 ${port}번이 없습니다(있는 포트: ${showList(ports, '없음')}). 그래서 kube-proxy의 어떤 규칙에도 걸리지 않았습니다.`
        : `${named(service)}에 포트 ${port}번이 있지만 ${protocol}용이 아닙니다. 그래서 kube-proxy의 어떤 규칙에도 걸리지 않았습니다.`,
    nextStep:
      protocol === undefined
        ? '서비스의 spec.ports[*].port와 요청한 포트를 비교하세요.'
        : `spec.ports에 protocol: ${protocol} 항목을 다른 이름으로 추가하세요. protocol을 적지 않으면 TCP입니다.`,
  }),
  'named-port-missing': ({ service, targetPort, declared }) => ({
    sentence: `${named(service)}의 targetPort는 이름(${targetPort})인데, 파드에는 ${declared.length === 0 ? '이름 붙은 포트가 없습니다' : `그런 이름의 포트가 없습니다(있는 이름: ${declared.join(', ')})`}.`,
    nextStep: '컨테이너의 spec.containers[*].ports[*].name에 이 이름을 주거나, 번호를 쓰세요.',
  }),
  'type-not-reachable-from-there': ({ service, type, from, needed }) => ({
    sentence: `${named(service)}의 타입은 ${type}입니다. 그 주소는 노드의 규칙 안에만 있어서, ${place(from)}에서는 갈 길이 없습니다.`,
    nextStep: `거기서는 ${needed} 타입의 서비스에 닿을 수 있습니다.`,
  }),
  'no-such-node-port': ({ port, nodePorts }) => ({
    sentence: `nodePort ${port}번을 가진 서비스가 없습니다(있는 nodePort: ${showList(
      nodePorts.map((entry) => `${entry.nodePort} - ${named(entry.service)}`),
      '없음',
    )}).`,
    nextStep: 'spec.type을 NodePort로 하고, spec.ports[*].nodePort를 요청한 포트로 정하세요.',
  }),
  'load-balancer-pending': ({ service, loadBalancerClass, address }) => ({
    sentence:
      address !== undefined
        ? `${named(service)}의 status에 ${address} 주소가 있지만, 그 주소를 가진 로드 밸런서는 없습니다${loadBalancerClass === undefined ? '' : `(loadBalancerClass ${loadBalancerClass}: 맡은 컨트롤러가 없음)`}. status에 적는다고 무엇이 만들어지지는 않습니다.`
        : loadBalancerClass === undefined
          ? `${named(service)}에 외부 주소가 없습니다. status.loadBalancer가 비어 있습니다.`
          : `${named(service)}에 외부 주소가 없습니다. loadBalancerClass ${loadBalancerClass}의 일을 맡는 컨트롤러가 없습니다.`,
    nextStep:
      loadBalancerClass === undefined
        ? 'spec.type이 LoadBalancer인지 확인하고, `kubectl describe service`로 이벤트를 보세요.'
        : 'spec.loadBalancerClass를 빼세요. 이 필드는 나중에 바꿀 수 없으니 서비스를 다시 만들어야 합니다.',
  }),
  'no-local-endpoints': ({ service, node, policy, rule }) => ({
    sentence: `${named(service)}의 ${policy} 값이 Local인데 ${node} 노드에는 그 파드가 없어, 패킷이 거기서 버려졌습니다${throughRule(rule)}.`,
    nextStep: '파드가 있는 노드로 요청하거나, 정책을 Cluster로 하세요.',
  }),
  'source-range': ({ service, client, ranges, rule }) => ({
    sentence: `${named(service)}의 loadBalancerSourceRanges(${ranges.join(', ')})에 클라이언트 ${client} 주소가 들어 있지 않습니다${throughRule(rule)}.`,
    nextStep: 'spec.loadBalancerSourceRanges에 클라이언트가 속한 범위를 추가하세요.',
  }),
  'denied-by-policy': ({ direction, pod, peer, protocol, port, policies, nearest, isDns }) => {
    const field = direction === 'Ingress' ? 'ingress' : 'egress';
    const way = direction === 'Ingress' ? '출발지' : '목적지';
    const near =
      nearest === undefined
        ? ''
        : ` 가장 가까운 규칙은 ${named(nearest.policy)}의 ${nearest.path}입니다. ${nearest.differs === 'port' ? '상대는 맞지만 포트가 다릅니다.' : '포트는 맞지만 상대가 다릅니다.'}`;
    return {
      sentence: `${named(pod)}의 ${field} 트래픽은 격리되어 있고(${showList(policies.map(named), '네트워크 정책')}), ${protocol} 포트 ${port}번을 허용하는 규칙이 없어 패킷이 버려졌습니다(${way}: ${place(peer)}${isDns === true ? ', DNS' : ''}).${near}`,
      nextStep: isDns === true ? allowDns(direction) : allowPeer(field, peer),
    };
  },
  'rule-stopped-packet': ({ rule, at, verdict }) => ({
    sentence: `${at}에서 ${rule.table} 테이블 ${rule.chain} 체인의 ${rule.number}번 규칙이 패킷을 ${verdict === 'dropped' ? '버렸습니다' : '거부했습니다'}: ${rule.text}`,
    nextStep: `이 규칙을 누가 왜 썼는지 알아보세요: ${at}에서 \`iptables-save -t ${rule.table}\``,
  }),
  'no-route': ({ at, destination }) => ({
    sentence: `${at}에는 ${destination}(으)로 가는 경로가 없습니다.`,
    nextStep: '요청한 주소를 확인하세요. 거기서 아는 네트워크는 `ip route`로 볼 수 있습니다.',
  }),
  'address-unused': ({ address }) => ({
    sentence: `${address} 주소를 가진 것이 없습니다. 머신도, 파드도, 서비스도 아닙니다.`,
    nextStep:
      '`kubectl get pods,services,nodes -A -o wide`와 비교하세요. 지워진 오브젝트의 주소는 돌아오지 않습니다.',
  }),
  'wrong-answer': ({ what, wanted, found }) => ({
    sentence: `응답은 왔지만 ${what === 'Pod' ? '다른 파드가 응답했습니다' : `${whatKo.get(what) ?? what} 값이 다릅니다`}. ${what === 'Pod' ? '기대한 파드의 레이블' : '기대한 값'}: ${wanted}, ${what === 'Pod' ? '응답한 파드' : '받은 값'}: ${found}.`,
    nextStep: nextStepOfAnswer(what, found),
  }),
  'client-address-rewritten': ({ wanted, found, rule }) => ({
    sentence: `서버가 본 요청의 출발지 주소는 ${wanted} 대신 ${found}입니다${rule === undefined ? '' : `. ${rule.chain} 체인의 규칙에서 마스커레이드되었습니다`}.`,
    nextStep: 'externalTrafficPolicy: Local이면 밖에서 온 패킷의 출발지 주소가 유지됩니다.',
  }),
  'reachable-but-should-not-be': ({ from, to, through, allowedBy, isOpen, sourceRange }) => ({
    sentence: `닿을 수 없어야 하는데, ${place(from)}에서 ${to}까지 닿습니다${through === undefined ? '' : ` (거친 곳: ${place(through)})`}.${allowedBy === undefined ? '' : ` 허용한 규칙: ${allowedBy.map(({ path, policy }) => `${named(policy)}의 ${path}`).join(', ')}.`}${isOpen === true ? ' 양쪽 끝의 어느 파드도 네트워크 정책이 선택하지 않았습니다.' : ''}${sourceRange === undefined ? '' : ` 보낸 쪽의 주소 ${sourceRange.client}: spec.loadBalancerSourceRanges의 ${sourceRange.range} 안에 있습니다.`}`,
    nextStep:
      allowedBy === undefined
        ? isOpen === true
          ? '네트워크 정책은 자기 네임스페이스의 파드만 선택합니다. 정책의 네임스페이스와 podSelector를 파드와 비교하세요(`kubectl get networkpolicy -A`).'
          : sourceRange !== undefined
            ? '들여야 할 주소만 담도록 spec.loadBalancerSourceRanges를 좁히세요.'
            : '패킷의 경로(trace)를 보고, 길을 열어 주는 것을 없애세요.'
        : `네트워크 정책은 더해질 뿐이어서, 하나가 허용한 것을 다른 것이 막지 못합니다. ${allowedBy.map(({ path }) => path).join(' 또는 ')} 규칙을 좁히세요.`,
  }),
  'name-not-found': ({ name, from, nearest }) => ({
    sentence: `${place(from)}에서 ${name} 이름을 찾을 수 없습니다. ${nearest === undefined ? '그런 서비스가 없습니다.' : `가장 가까운 것은 ${named(nearest)}입니다.`}`,
    nextStep:
      '짧은 이름은 요청하는 파드의 네임스페이스에서 찾습니다. 다른 네임스페이스라면 SERVICE.NAMESPACE로 쓰세요.',
  }),
  'external-name-unknown': ({ service, externalName, isAddress }) => ({
    sentence: isAddress
      ? `${named(service)}의 spec.externalName 값(${externalName})은 주소입니다. DNS는 별칭(CNAME)으로 답해야 하는데, 별칭은 이름만 가리킬 수 있습니다.`
      : `${named(service)}의 spec.externalName 값(${externalName})을 아는 네임 서버가 없습니다.`,
    nextStep: isAddress
      ? '호스트의 이름을 적으세요. 주소밖에 없다면 셀렉터 없는 서비스와 EndpointSlice를 쓰세요.'
      : 'spec.externalName을 원래의 이름과 한 글자씩 비교하세요.',
  }),
  'pod-name-unpublished': ({ name, service, pod }) => ({
    sentence:
      pod === undefined
        ? `${name} 이름을 찾을 수 없습니다. ${named(service)}는 있지만, 그 뒤에 이런 호스트 이름을 가진 파드가 없습니다.`
        : `${name} 이름을 찾을 수 없습니다. ${named(pod.pod)}는 있지만, 그 서브도메인(subdomain)이 서비스 이름과 다릅니다(있는 값: ${pod.subdomain === '' ? '없음' : pod.subdomain}, 기대한 값: ${service.name}).`,
    nextStep: '스테이트풀셋(StatefulSet)의 spec.serviceName이 서비스 이름과 같으면 파드마다 이름이 생깁니다.',
  }),
  'resolves-elsewhere': ({ name, wanted, found }) => ({
    sentence: `${name} 이름의 주소가 다릅니다. 기대한 주소: ${showList(wanted, '없음')}, 얻은 주소: ${showList(found, '없음')}.`,
    nextStep: '그 이름의 서비스에서 clusterIP, 셀렉터, 타입을 살펴보세요.',
  }),
  'refused-by-api-server': tellRefused,
  'broken-manifest': tellBroken,
  'missing-since-refused': ({ file, line, column, object }) => ({
    sentence:
      object === undefined
        ? `파일을 읽지 못해(${namePlaceInFile(file, line, column)}) 그 안의 오브젝트가 하나도 만들어지지 않았습니다.`
        : `API 서버가 거부해(${namePlaceInFile(file, line, column)}) ${withParticle(named(object), 'subject')} 없습니다.`,
    nextStep: '그것부터 고치세요. 이 검사는 그때 다시 합니다.',
  }),
  'object-missing': ({ object, nearest, wasThere }) => ({
    sentence:
      wasThere === true
        ? `처음에 있던 ${withParticle(lookedFor(object), 'subject')} 없어졌습니다.`
        : `${withParticle(lookedFor(object), 'object')} 찾을 수 없습니다.${nearest === undefined ? '' : ` 대신 ${withParticle(named(nearest), 'subject')} 있습니다.`}`,
    nextStep:
      wasThere === true
        ? '어느 줄에서 지웠는지 찾아, 지우지 않고 할 수 있는 방법을 생각해 보세요.'
        : object.name === ''
          ? '매니페스트의 kind와 네임스페이스를 확인하세요. 네임스페이스를 적지 않으면 컨텍스트의 네임스페이스에 만들어집니다.'
          : `${isByLabels(object) ? '레이블' : '이름'}과 네임스페이스를 제대로 적었는지 확인하세요.`,
  }),
  'identity-differs': ({ object, shouldBeNew }) => ({
    sentence: shouldBeNew
      ? `${withParticle(named(object), 'subject')} 처음에 있던 그대로입니다.`
      : `${withParticle(named(object), 'subject')} 처음에 있던 것이 아니라, 이름만 같은 새 오브젝트입니다.`,
    nextStep: shouldBeNew
      ? '그것을 지우세요. 주인이 대신할 것을 새로 만듭니다.'
      : '지우지 말고 바꾸세요. 둘은 metadata.uid로 구별됩니다.',
  }),
  'unknown-command': ({ file, command, word, nearest, sessionLine }) => ({
    sentence: `${file}: \`${command}\` 줄의 첫 단어 \`${word}\`는 셸이 모르는 명령입니다.`,
    nextStep:
      word === '$' || word === '%'
        ? `프롬프트 \`${word}\`는 빼세요. 스크립트에는 그 뒤에 입력하는 것만 적습니다.`
        : sessionLine !== undefined
          ? `\`${sessionLine}\`만 적은 줄은 스크립트에서 셸을 열었다가 바로 닫습니다. 그 안에서 실행할 명령마다 앞에 붙여 쓰세요.`
          : nearest === undefined
            ? '스크립트에는 명령만 한 줄에 하나씩 적습니다. 명령의 출력은 빼고, 메모 앞에는 #을 붙이세요.'
            : `혹시 ${nearest} 아닌가요?`,
  }),
  'no-commands': ({ file }) => ({
    sentence: `${file} 파일에 명령이 없습니다. 빈 줄이나 주석뿐입니다.`,
    nextStep: '셸(s)에서 명령을 시험해 보고, 한 줄에 하나씩 파일에 적으세요.',
  }),
  'pods-refused': ({ controller, message }) => ({
    sentence: `${withParticle(named(controller), 'subject')} 파드를 만들지 못하고 있습니다: ${message}`,
    nextStep: `메시지에 나온 것을 고치세요. \`kubectl describe ${describeArguments(controller)}\` 명령의 Events에 시도할 때마다 기록이 남습니다.`,
  }),
  'object-should-not-exist': ({ object }) => ({
    sentence: `${withParticle(named(object), 'subject')} 아직 남아 있습니다.`,
    nextStep: '삭제하거나, 어떤 컨트롤러가 다시 만드는지 알아보세요.',
  }),
  'count-differs': ({ counted, wanted, found }) => ({
    sentence: `${counted.namespace === '' ? '클러스터' : `${counted.namespace} 네임스페이스`}에 있는 ${kindName(counted.kind)}의 개수${counted.name === '' ? '' : `(레이블 ${counted.name})`}가 다릅니다. 기대한 개수: ${wanted}, 있는 개수: ${found.length}${found.length === 0 ? '' : `(${found.join(', ')})`}.`,
    nextStep: `\`kubectl get ${counted.kind.toLowerCase()}${counted.namespace === '' ? '' : ` -n ${counted.namespace}`}\` 명령으로 살펴보고, 모자라면 만들고 남으면 지우세요.`,
  }),
  'field-differs': ({ object, path, wanted, found }) => ({
    sentence:
      wanted === '*'
        ? `${named(object)}에 ${path} 값이 없습니다.`
        : `${named(object)}의 ${path} 값이 다릅니다. 기대한 값: ${wanted === '∅' ? '없음' : wanted}, 있는 값: ${found ?? '없음'}.`,
    nextStep: mendField(object, path, wanted),
  }),
  'container-not-running': ({ pod, container, reason, lastLog, image, nearest, exitCode, warning }) => {
    const ended = exitCode === undefined ? '' : `, 프로세스의 종료 코드: ${exitCode}`;
    const said = warning ?? (lastLog === '' ? '' : `마지막 로그: ${lastLog}`);
    return {
      sentence: `${named(pod)}의 ${container} 컨테이너가 실행되고 있지 않습니다(${reason}${ended}).${image === undefined ? '' : ` 이미지 ${image}: 가져올 수 없습니다.`}${said === '' ? '' : ` ${said}`}`,
      nextStep:
        image !== undefined
          ? `이미지의 이름과 태그를 한 글자씩 확인하세요.${nearImages(nearest)}`
          : exitCode === 0
            ? '컨테이너는 첫 프로세스가 끝나면 함께 끝납니다. 서버나 sleep처럼 스스로 끝나지 않는 명령을 주세요.'
            : exitCode === undefined
              ? `\`kubectl describe ${describeArguments(pod)}\` 명령의 이벤트를 읽어 보세요.`
              : `다음 명령으로 살펴보세요: \`kubectl describe ${describeArguments(pod)}\`, \`kubectl logs ${pod.name} -c ${container} --previous\`.`,
    };
  },
  'pod-not-scheduled': ({ pod, message }) => ({
    sentence: `${named(pod)}에 노드가 정해지지 않았습니다: ${message}`,
    nextStep: message.includes('affinity/selector')
      ? '파드의 nodeSelector와 affinity를 `kubectl get nodes --show-labels`의 레이블과 비교하세요.'
      : '파드가 요구하는 것과 노드가 줄 수 있는 것(`kubectl describe nodes`)을 비교하세요.',
  }),
  'output-differs': ({ command, expects, wanted, found }) => {
    const shown = found === '' ? '없음' : found;
    if (expects === 'command' || expects === 'no-command') {
      return {
        sentence:
          expects === 'command'
            ? `${command} 파일에 \`${wanted}\` 같은 명령이 있어야 합니다. 지금 들어 있는 명령: ${shown}`
            : `${command} 파일에 \`${wanted}\` 같은 명령이 있으면 안 됩니다. 지금 들어 있는 명령: ${shown}`,
        nextStep: '어떤 방법으로 해야 하는지 과제를 다시 읽어 보세요.',
      };
    }
    const what =
      expects === 'line'
        ? `의 출력에 \`${wanted}\` 같은 줄이 있어야 하는데 없습니다.`
        : expects === 'no-line'
          ? `의 출력에 \`${wanted}\` 같은 줄이 있으면 안 됩니다.`
          : ` 명령의 출력이 다릅니다. 기대한 출력: ${wanted},`;
    return {
      sentence: `\`${command}\`${what} 받은 출력: ${shown}`,
      nextStep: '셸(s)에서 직접 실행해 비교하세요.',
    };
  },
  'log-differs': ({ pod, pattern, isWanted, lines }) => ({
    sentence: isWanted
      ? `${named(pod)}의 로그에 \`${pattern}\` 같은 줄이 모자랍니다(있는 줄: ${lines}개).`
      : `${named(pod)}의 로그에 \`${pattern}\` 같은 줄이 없어야 하는데 ${lines}개 있습니다.`,
    nextStep: `\`kubectl logs ${pod.name}${pod.namespace === 'default' ? '' : ` -n ${pod.namespace}`}\` 명령으로 전체를 읽어 보세요.`,
  }),
  'command-failed': ({ command, exitCode, stderr }) => ({
    sentence: `\`${command}\` 명령이 종료 코드 ${exitCode}번으로 끝났습니다${stderr === '' ? '' : `: ${stderr}`}`,
    nextStep: '셸(s)에서 직접 실행해 메시지를 읽어 보세요.',
  }),
  'value-form': ({ key, found, isMore }) => ({
    sentence: isMore
      ? `${key}에 적은 값 ${found}: 물은 값이 들어 있지만 다른 것도 함께 적혀 있습니다.`
      : `${key}에 적은 값 ${found}: 물은 값의 일부뿐입니다.`,
    nextStep: '과제에 나온 모양 그대로, 값만 적으세요.',
  }),
  'value-differs': ({ key, found, confusedWith, lookWith }) => ({
    sentence:
      confusedWith === undefined
        ? `${key}에 적은 값 ${found}: 이 클러스터에서 보이는 값이 아닙니다.`
        : `${key}에 적은 값 ${found}: 물은 것이 아니라 ${confusionsKo.get(confusedWith) ?? confusedWith}입니다.`,
    nextStep: `\`${lookWith}\` 명령으로 다시 살펴보세요.`,
  }),
  'value-missing': ({ key, lookWith }) => ({
    sentence: `${key}에 적은 값이 없습니다.`,
    nextStep: `\`${lookWith}\` 명령으로 찾아 파일에 적으세요.`,
  }),
  ...koreanRoutes,
  'limit-reached': ({ limit }) => ({
    sentence: `한도에 이르러 답안 실행을 멈췄습니다: ${limit}.`,
    nextStep: '끝나지 않는 반복이나 끝없는 출력이 있는지 보세요.',
  }),
};

/** The parts of an answer that can be wrong. */
const whatKo: ReadonlyMap<string, string> = new Map([
  ['status', '상태 코드'],
  ['body', '본문'],
  ['number of Pods', '응답한 파드의 수'],
]);

/** What a value may have been taken for, by the name that an exercise gives. */
const confusionsKo: ReadonlyMap<string, string> = new Map([
  ['pod-address', '파드의 주소'],
  ['node-address', '노드의 주소'],
  ['service-address', '서비스의 주소'],
  ['load-balancer-address', '로드 밸런서의 주소'],
  ['client-address', '밖에 있는 클라이언트의 주소'],
  ['bridge-address', '노드 브리지의 주소'],
  ['app-container-id', '앱 컨테이너의 ID'],
  ['sandbox-id', '파드 샌드박스의 ID'],
  ['service-port', '서비스의 포트'],
  ['target-port', 'targetPort'],
  ['node-port', 'nodePort'],
  ['container-port', '선언만 된 containerPort'],
  ['service-chain', '서비스의 체인(KUBE-SVC)'],
  ['endpoint-chain', '엔드포인트의 체인(KUBE-SEP)'],
  ['other-endpoint-chain', '다른 엔드포인트의 체인(KUBE-SEP)'],
  ['external-chain', '외부 트래픽용 체인(KUBE-EXT)'],
  ['other-probability', '다른 규칙의 확률'],
  ['pod-of-prefix', 'Prefix 규칙 뒤의 파드(Exact 규칙이 먼저)'],
  ['pod-of-shorter-prefix', '더 짧은 Prefix 뒤의 파드(긴 쪽이 먼저)'],
  ['pod-of-same-letters', '글자만 같은 Prefix 뒤의 파드(`/`로 나눈 마디가 다름)'],
  ['name-server-address', '답한 네임 서버의 주소'],
  ['service-name', '파드가 아니라 서비스의 이름'],
  ['quota-with-room', '아직 자리가 남은 쿼터'],
  ['reason-of-success', '성공을 알리는 이벤트의 이유'],
  ['reason-of-status', '이벤트가 옮긴, API 서버의 응답에 적힌 이유'],
  ['other-component', '그 파드를 본 적도 없는 다른 컴포넌트'],
]);

/** What to do about an image that no registry has. */
function imageStep(image: UnknownImage | undefined): string | undefined {
  return image === undefined
    ? undefined
    : `${image.name} 이미지는 어느 레지스트리에도 없습니다.${nearImages(image.nearest)}`;
}

function nearImages(names: readonly string[] | undefined): string {
  return names === undefined
    ? ''
    : ` 이름이 비슷한 이미지: ${names.join(', ')}. 전체 목록은 \`kubedrill images\` 명령으로 봅니다.`;
}
