/** Objects by their names in the Korean Kubernetes documentation. */
import type { ObjectName } from './cause.ts';

const kinds: ReadonlyMap<string, string> = new Map([
  ['Pod', '파드'],
  ['Service', '서비스'],
  ['Node', '노드'],
  // A machine outside of the cluster, which is no object.
  ['Host', '호스트'],
  ['Namespace', '네임스페이스'],
  ['EndpointSlice', '엔드포인트슬라이스(EndpointSlice)'],
  ['Endpoints', '엔드포인트(Endpoints)'],
  ['NetworkPolicy', '네트워크 정책'],
  ['ResourceQuota', '리소스 쿼터'],
  ['LimitRange', '리밋 레인지'],
  ['ReplicaSet', '레플리카셋'],
  ['Ingress', '인그레스'],
  ['ReplicationController', '레플리케이션 컨트롤러'],
  ['Deployment', '디플로이먼트'],
  ['StatefulSet', '스테이트풀셋'],
  ['DaemonSet', '데몬셋'],
  ['ConfigMap', '컨피그맵'],
  ['Secret', '시크릿'],
  ['Gateway', '게이트웨이'],
]);

/** What a kind is called. */
export function kindName(kind: string): string {
  return kinds.get(kind) ?? kind;
}

/** `default/web 서비스` */
export function named({ kind, namespace, name }: ObjectName): string {
  return `${namespace === '' ? '' : `${namespace}/`}${name} ${kindName(kind)}`;
}

const particles = { subject: ['이', '가'], object: ['을', '를'] } as const;

/** The text with the particle that its last sound asks for; both where it is not written in Hangul. */
export function withParticle(text: string, role: keyof typeof particles): string {
  const [closed, open] = particles[role];
  const spoken = text.replace(/\([^()]*\)$/, '');
  const last = spoken.charCodeAt(spoken.length - 1);
  const isHangul = last >= 0xac00 && last <= 0xd7a3;
  if (!isHangul) return `${text}${closed}(${open})`;
  return `${text}${(last - 0xac00) % 28 === 0 ? open : closed}`;
}
