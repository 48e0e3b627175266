/** The causes of Ingresses and Gateways told in Korean. */
import type { Cause } from './cause.ts';
import { named } from './names-ko.ts';
import { describeArguments, type RouteSentences, showList } from './sentences.ts';

type CanaryOf = Extract<Cause, { readonly code: 'ingress-canary' }>['canary'];

/** What each cause says. */
export const koreanRoutes: RouteSentences = {
  'ingress-not-served': ({ ingress, className, classes, hasController }) => ({
    sentence: hasController
      ? `${named(ingress)}: 이 인그레스를 맡은 컨트롤러가 없습니다. ${className === undefined ? '클래스를 지정하지 않았습니다' : `지정한 클래스: ${className}`}. 클러스터에 있는 IngressClass: ${showList(classes, '없음')}.`
      : `${named(ingress)}: 클러스터에서 인그레스 컨트롤러가 하나도 실행되지 않아 맡는 쪽이 없습니다.`,
    nextStep: hasController
      ? 'spec.ingressClassName에 컨트롤러가 실행 중인 IngressClass의 이름을 적으세요(`kubectl get ingressclass`).'
      : '인그레스는 데이터일 뿐입니다. `kubectl get pods -A`로 컨트롤러 파드를 찾아보세요.',
  }),
  'ingress-host-missing': ({ host, hosts }) => ({
    sentence: `호스트 ${host}에 대한 규칙을 가진 인그레스가 없습니다. 규칙이 있는 호스트: ${showList(hosts, '없음')}.`,
    nextStep: '요청의 Host 헤더와 spec.rules[*].host를 비교하세요. 와일드카드는 레이블 하나만 대신합니다.',
  }),
  'ingress-path-missing': ({ host, path, rules }) => ({
    sentence: `호스트 ${host}의 규칙 가운데 경로 ${path}에 맞는 것이 없습니다. 있는 규칙: ${showList(rules, '없음')}.`,
    nextStep: 'Exact는 똑같은 경로만, Prefix는 슬래시 사이의 요소 단위로 받습니다.',
  }),
  'ingress-every-host': ({ host, ingress }) => ({
    sentence: `${named(ingress)}: 규칙에 호스트가 없어서, 다른 규칙에 없는 호스트를 모두 받습니다. 그래서 ${host} 요청도 받았습니다.`,
    nextStep: 'spec.rules[*].host에 받으려는 호스트를 적으세요.',
  }),
  'ingress-rule-took': ({ host, path, ingress, rule, service, by }) => ({
    sentence: `${host}의 경로 ${path}: 아무도 응답하지 않아야 하는데 ${named(ingress)}의 ${by === 'default-backend' ? '기본 백엔드' : `규칙 ${rule}`}이(가) 받아 서비스 ${service}(으)로 보냈습니다. 이유: ${takenBy[by]}.`,
    nextStep: '규칙을 좁히세요. 경로 하나는 Exact, 요소 단위는 Prefix, 호스트는 전체 이름으로 적습니다.',
  }),
  'ingress-annotation': ({ path, ingress, rule, status, annotation }) => ({
    sentence: `경로 ${path}: ${named(ingress)}의 규칙 ${rule}에 맞았지만, 애너테이션 ${annotation} 때문에 컨트롤러가 직접 ${status}(으)로 응답했습니다${annotation === 'ssl-redirect' ? '(호스트에 인증서가 있으면 기본으로 켜집니다)' : ''}.`,
    nextStep: `\`kubectl describe ${describeArguments(ingress)}\`에서 nginx.ingress.kubernetes.io/${annotation} 값을 확인하세요.`,
  }),
  'ingress-annotation-missing': ({ path, ingress, rule, service, wanted, status, annotations }) => ({
    sentence: `경로 ${path}: ${named(ingress)}의 규칙 ${rule}에 맞아 서비스 ${service}(으)로 갔고, 응답은 ${status}입니다. 컨트롤러가 ${wanted}(으)로 응답하게 하는 애너테이션이 없습니다.`,
    nextStep: `${annotations.map((name) => `nginx.ingress.kubernetes.io/${name}`).join(', ')} 값을 확인하세요${wanted === 308 ? '(기본으로는 자기 인증서가 있는 호스트만 https로 보냅니다)' : ''}.`,
  }),
  'ingress-canary': ({ path, ingress, service, canary, wentTo, share }) => ({
    sentence: `${share === undefined ? '' : `요청 ${share.requests}개 가운데 원하는 파드가 받은 것: ${share.found}개(기대: ${share.wanted}). `}${named(ingress)}(서비스 ${service}) 옆에 카나리 ${named(canary.ingress)}(서비스 ${canary.service})가 있고, 경로 ${path}에서는 ${canaryDecides(canary)}${share === undefined ? `. 실제로 받은 서비스: ${wentTo}` : ''}.`,
    nextStep:
      'canary-by-header, canary-by-cookie 순서로 보고, 나머지 요청은 canary-weight를 canary-weight-total(100)로 나눈 비율로 나눕니다.',
  }),
  'ingress-backend-secure': ({ ingress, service }) => ({
    sentence: `${named(ingress)}에 애너테이션 backend-protocol HTTPS가 있어 컨트롤러가 서비스 ${service}에 TLS로 말을 걸지만, 파드는 TLS를 쓰지 않습니다.`,
    nextStep:
      'nginx.ingress.kubernetes.io/backend-protocol을 빼거나, 파드가 그 포트에서 TLS로 응답하게 하세요.',
  }),
  'ingress-backend-silent': ({ ingress, service, seconds }) => ({
    sentence: `${named(ingress)}에서 요청을 보낸 서비스 ${service}의 파드가 연결은 받았지만 ${seconds}초 안에 응답하지 않아, 컨트롤러가 504로 응답했습니다.`,
    nextStep:
      '파드의 주소로 직접 요청해 보세요. 컨트롤러가 기다리는 시간은 nginx.ingress.kubernetes.io/proxy-read-timeout으로 정합니다.',
  }),
  'ingress-path-passed-on': ({ path, ingress, rule, service, target }) => ({
    sentence: `경로 ${path}: ${named(ingress)}의 규칙 ${rule}이(가) 받아 서비스 ${service}에 ${target}(을)를 요청했지만, 파드에 그런 경로가 없습니다. 404는 파드의 응답입니다.`,
    nextStep:
      '규칙은 경로를 그대로 넘깁니다. 다른 경로로 요청하려면 nginx.ingress.kubernetes.io/rewrite-target을 쓰세요.',
  }),
  'ingress-rule-won': ({ path, ingress, rule, service, lost }) => ({
    sentence: `경로 ${path}: ${named(ingress)}의 규칙 ${rule}이(가) 선택되어 서비스 ${service}(으)로 갔습니다. ${lost === undefined ? '원하는 파드로 보내는 규칙이 이 호스트에 없습니다' : `서비스 ${lost.service}의 규칙 ${lost.rule}이(가) 밀린 이유: ${lostBecause[lost.because]}`}.`,
    nextStep: 'Exact가 Prefix보다 먼저이고, Prefix끼리는 더 긴 경로가 이깁니다.',
  }),
  'ingress-backend-missing': ({ ingress, service, services }) => ({
    sentence: `${named(ingress)}에서 요청을 보내는 ${named(service)}가 없습니다. 그 네임스페이스의 서비스: ${showList(services, '없음')}.`,
    nextStep: '백엔드는 인그레스와 같은 네임스페이스의 서비스입니다. 이름을 비교하세요.',
  }),
  'ingress-backend-port': ({ ingress, service, port, ports }) => ({
    sentence: `${named(ingress)}에 적힌 포트 ${port}은(는) ${named(service)}에 없습니다. 서비스의 포트: ${showList(ports, '없음')}.`,
    nextStep: 'backend.service.port에는 파드의 포트가 아니라 서비스의 포트(spec.ports[*].port)를 적으세요.',
  }),
  'ingress-certificate': ({ ingress, host, reason }) => ({
    sentence: `컨트롤러가 ${host}에 대해 ${named(ingress)}의 인증서 대신 자체 가짜 인증서를 보여 줍니다: ${reason}.`,
    nextStep: `\`kubectl describe ${describeArguments(ingress)}\`의 이벤트와 spec.tls에 적힌 시크릿을 확인하세요.`,
  }),
  'gateway-class-not-accepted': ({ gateway, className, classes, isThere }) => ({
    sentence: isThere
      ? `${named(gateway)}: GatewayClass ${className}을(를) 받아들인 컨트롤러가 없습니다.`
      : `${named(gateway)}: 지정한 GatewayClass ${className}이(가) 없습니다. 있는 클래스: ${showList(classes, '없음')}.`,
    nextStep: isThere
      ? `\`kubectl describe gatewayclass ${className}\`의 spec.controllerName을 실행 중인 컨트롤러와 비교하세요.`
      : '`kubectl get gatewayclass`에서 ACCEPTED가 True인 클래스를 spec.gatewayClassName에 적으세요.',
  }),
  'gateway-not-ready': ({ gateway, condition, reason, message }) => ({
    sentence: `${named(gateway)}: ${condition} 상태가 아닙니다. ${reason === '' ? '이유를 알린 컨트롤러가 없습니다' : `이유: ${reason}, ${message}`}.`,
    nextStep: `\`kubectl describe ${describeArguments(gateway)}\`에서 게이트웨이와 리스너의 컨디션을 확인하세요.`,
  }),
  'route-not-attached': ({ route, gateway, reason, message, listeners }) => ({
    sentence: `${named(route)}: ${named(gateway)}에 연결되지 않았습니다(${reason}). ${message} 리스너: ${listeners.join('; ')}.`,
    nextStep:
      '라우트의 hostnames, sectionName, 네임스페이스를 리스너의 hostname, allowedRoutes와 비교하세요.',
  }),
  'route-names-other-parent': ({ route, gateway, parents }) => ({
    sentence: `${named(route)}: 부모로 ${named(gateway)} 대신 다른 것을 지정했습니다. 지정한 부모: ${showList(parents, '없음')}.`,
    nextStep: 'spec.parentRefs에 게이트웨이의 이름과 네임스페이스를 적으세요.',
  }),
  'gateway-host-missing': ({ gateway, host, hostnames }) => ({
    sentence: `${named(gateway)}: 호스트 ${host}을(를) 맡은 라우트가 없습니다. 라우트가 있는 호스트: ${showList(hostnames, '없음')}.`,
    nextStep: '요청의 Host 헤더와 라우트의 spec.hostnames를 비교하세요.',
  }),
  'gateway-rule-missing': ({ gateway, host, path, rules }) => ({
    sentence: `${named(gateway)}: 호스트 ${host}의 규칙 가운데 ${path} 요청에 맞는 것이 없습니다. 규칙과 맞지 않는 부분: ${rules.join('; ')}.`,
    nextStep: '매치 하나의 조건은 모두 맞아야 하고, 규칙의 여러 매치 가운데서는 하나만 맞으면 됩니다.',
  }),
  'gateway-rule-took': ({ host, path, route, rule, services, isForEveryHost }) => ({
    sentence: `${host}의 ${path} 요청: 아무도 응답하지 않아야 하는데 ${named(route)}의 규칙 ${rule}이(가) 받아 ${showList(services, '없음')}(으)로 보냈습니다${isForEveryHost ? '. 라우트에도 리스너에도 호스트가 없습니다' : ''}.`,
    nextStep: isForEveryHost
      ? '라우트의 spec.hostnames나 리스너의 hostname에 호스트를 적으세요.'
      : '매치를 좁히세요. Exact 경로, 더 긴 접두사, 와일드카드가 아닌 호스트를 적습니다.',
  }),
  'gateway-weights': ({ path, route, rule, backends, share }) => ({
    sentence: `${share === undefined ? '' : `요청 ${share.requests}개 가운데 원하는 파드가 받은 것: ${share.found}개(기대: ${share.wanted}). `}${named(route)}의 규칙 ${rule}이(가) ${path} 요청을 무게대로 나눕니다: ${backends.map(({ service, weight }) => `${service} ${weight}`).join(', ')}.`,
    nextStep: '백엔드의 몫은 무게를 전체 합으로 나눈 값이고, 적지 않으면 무게는 1입니다.',
  }),
  'gateway-rule-won': ({ path, route, rule, services, lost }) => ({
    sentence: `${path} 요청: ${named(route)}의 규칙 ${rule}이(가) 선택되어 ${showList(services, '없음')}(으)로 갔습니다. ${lost === undefined ? '원하는 파드로 보내는 규칙이 없습니다' : `${named(lost.route)}의 규칙 ${lost.rule}이(가) 밀린 이유: ${gatewayLoss[lost.because]}`}.`,
    nextStep:
      '가장 구체적인 호스트가 먼저이고, 그다음은 Exact 경로, 가장 긴 접두사, 메서드, 헤더와 쿼리 조건이 많은 순서입니다.',
  }),
  'route-backend-refused': ({ route, rule, problem }) => ({
    sentence: `${named(route)}: 규칙 ${rule}을(를) 실행할 수 없습니다. ${problem}.`,
    nextStep: `\`kubectl describe ${describeArguments(route)}\`의 ResolvedRefs를 확인하세요. 다른 네임스페이스의 서비스에는 그 네임스페이스의 ReferenceGrant가 필요합니다.`,
  }),
};

const gatewayLoss = {
  '': '요청에 맞습니다',
  host: '다른 호스트의 규칙입니다',
  path: '이 경로에 맞지 않습니다',
  method: '다른 메서드를 요구합니다',
  header: '다른 헤더를 요구합니다',
  query: '다른 쿼리 매개변수를 요구합니다',
  precedence: '요청에 맞지만 다른 규칙이 먼저입니다',
} as const;

const takenBy = {
  'default-backend': '어느 규칙에도 맞지 않는 요청을 모두 받음',
  expression: '경로가 정규식이고, 경로의 앞부분만 비교함',
  letters: '이 글자로 시작하는 경로를 모두 받음',
  wildcard: '호스트가 와일드카드임',
  exact: '바로 이 경로임',
  below: '경로 아래를 모두 받음',
} as const;

const lostBecause = {
  host: '가장 구체적인 호스트의 규칙만 봄',
  'does-not-match': '이 경로에 맞지 않음',
  exact: 'Exact가 Prefix보다 먼저임',
  longer: '다른 규칙의 경로가 더 김',
  older: '다른 인그레스가 더 오래됨',
} as const;

function canaryDecides({ by, weight, weightTotal }: CanaryOf): string {
  return by === 'weight'
    ? `canary-weight(${weightTotal} 가운데 ${weight})에 따라 정해집니다`
    : `canary-by-${by}에 따라 정해집니다`;
}
