/** Objects by their names in the Korean Kubernetes documentation. */
import type { ObjectName } from './cause.ts';

const kinds: ReadonlyMap<string, string> = new Map([
  ['Pod', '파드'],
  ['Service', '서비스'],
  ['Node', '노드'],
  ['Namespace', '네임스페이스'],
  ['EndpointSlice', '엔드포인트슬라이스(EndpointSlice)'],
  ['Endpoints', '엔드포인트(Endpoints)'],
  ['NetworkPolicy', '네트워크 정책'],
  ['ResourceQuota', '리소스 쿼터'],
  ['LimitRange', '리밋 레인지'],
  ['ReplicaSet', '레플리카셋'],
  ['Ingress', '인그레스'],
  ['ReplicationController', '레플리케이션 컨트롤러'],
]);

/** What a kind is called. */
export function kindName(kind: string): string {
  return kinds.get(kind) ?? kind;
}

/** `default/web 서비스` */
export function named({ kind, namespace, name }: ObjectName): string {
  return `${namespace === '' ? '' : `${namespace}/`}${name} ${kindName(kind)}`;
}
