/**
 * Why a request did not go where it should through an Ingress: nobody serves it, no rule has its host or path, another rule
 * won, or what the rule points at is missing. The rule that won is the controller's own finding.
 */
import type { Ingress } from '../api/types/kinds.ts';
import { ingressClasses, ingresses, services } from '../api/types/resources.ts';
import type { PacketTrace } from '../net/trace.ts';
import type { Cause, TrafficShare } from './cause.ts';
import type { ExplainView, IngressRuleFound } from './explain.ts';
import { covers, explainIngressWinner, isBelow, rulesOf, ruleText } from './explain-ingress-winner.ts';
import { explainBehindProxy } from './explain-probe.ts';
import { explainNoEndpoints, objectName } from './explain-service.ts';

/** A request that was answered by a controller, but not as it should. */
export interface AskedIngress {
  readonly host: string;
  readonly path: string;
  readonly scheme?: 'http' | 'https';
  readonly headers?: Readonly<Record<string, string>>;
  /** As the controller saw it. */
  readonly clientAddress?: string;
  /** The status of the answer. */
  readonly status: number;
  readonly wantedStatus?: number;
  /** Labels of the Pod that should have answered, with its namespace. */
  readonly wanted?: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string };
  /** Where many requests were made and too few or too many went to the wanted Pods. */
  readonly share?: TrafficShare;
  /** Whether the certificate is what is wrong. */
  readonly isAboutCertificate?: boolean;
  /** All packets of the request, those behind the controller among them. */
  readonly packets?: readonly PacketTrace[];
}

/** Why, or undefined when the Ingress did what it says. */
export function explainIngress(view: ExplainView, asked: AskedIngress): Cause | undefined {
  const all = view.list(ingresses);
  const controllers = view.ingressControllers();
  const isServed = (ingress: Ingress) => controllers.some((controller) => controller.serves(ingress));
  const mentioned = all.filter((ingress) => hostsOf(ingress).some((host) => covers(host, asked.host)));
  const catchAll = all.filter((ingress) => hostsOf(ingress).length === 0 || hostsOf(ingress).includes(''));
  const concerned = mentioned.length > 0 ? mentioned : catchAll;
  const served = concerned.filter(isServed);
  const [first] = concerned;
  if (first === undefined) {
    const hosts = [...new Set(all.flatMap(hostsOf))].filter((host) => host !== '');
    return { code: 'ingress-host-missing', host: asked.host, hosts };
  }
  if (served.length === 0) return explainClass(view, first, controllers.length > 0);
  if (asked.isAboutCertificate === true) return explainCertificate(view, served, asked.host);
  const request = {
    host: asked.host,
    path: asked.path,
    scheme: asked.scheme ?? 'http',
    headers: asked.headers ?? {},
    clientAddress: asked.clientAddress ?? '',
  } as const;
  const found = controllers.map((controller) => controller.find(request)).find(Boolean);
  const rules = served.flatMap((ingress) => rulesOf(ingress, asked.host));
  if (found?.service === undefined) {
    return asked.status === 404
      ? {
          code: 'ingress-path-missing',
          host: asked.host,
          path: asked.path,
          rules: rules.map(({ text }) => text),
        }
      : undefined;
  }
  if (asked.wantedStatus === 404 && asked.status !== 404)
    return explainTaken(asked, found, mentioned.length === 0);
  return (
    explainOwnAnswer(asked, found) ??
    explainBackend(view, found) ??
    explainIngressWinner(view, asked, found, rules) ??
    explainPassedOn(asked, found) ??
    explainUpstream(view, asked, found)
  );
}

/** What a rule that should not have taken a request took it by. */
function explainTaken({ host, path }: AskedIngress, found: IngressRuleFound, isUnmentioned: boolean): Cause {
  const { ingress, service = '' } = found;
  // A path that a rule took by its letters alone is the path's doing, whatever the rule says of hosts.
  if (isUnmentioned && isBelow(path, found.path)) return { code: 'ingress-every-host', host, ingress };
  return {
    code: 'ingress-rule-took',
    host,
    path,
    ingress,
    rule: ruleText(found),
    service,
    by: takenBy(found, path),
  };
}

function takenBy(
  { host, pathType, path: rulePath, isExpression }: IngressRuleFound,
  path: string,
): 'default-backend' | 'expression' | 'letters' | 'wildcard' | 'exact' | 'below' {
  if (pathType === 'defaultBackend') return 'default-backend';
  if (isExpression) return 'expression';
  if (!isBelow(path, rulePath)) return 'letters';
  if (host.startsWith('*.')) return 'wildcard';
  return pathType === 'Exact' ? 'exact' : 'below';
}

/** An annotation made the controller answer before anybody was asked. */
function explainOwnAnswer({ status, path }: AskedIngress, found: IngressRuleFound): Cause | undefined {
  const { answer, ingress } = found;
  if (answer === undefined || answer.status !== status) return undefined;
  return {
    code: 'ingress-annotation',
    path,
    ingress,
    rule: ruleText(found),
    status,
    annotation: answer.annotation,
  };
}

/** Annotations that make the controller answer with a status. */
const annotationsOf: ReadonlyMap<number, readonly string[]> = new Map([
  [301, ['permanent-redirect']],
  [302, ['temporal-redirect', 'app-root']],
  [308, ['ssl-redirect', 'force-ssl-redirect']],
  [401, ['auth-type']],
  [403, ['whitelist-source-range', 'denylist-source-range']],
  [413, ['proxy-body-size']],
]);

/** The controller should have answered by itself, and passed the request on. */
function explainPassedOn(
  { path, status, wantedStatus }: AskedIngress,
  found: IngressRuleFound,
): Cause | undefined {
  const annotations = annotationsOf.get(wantedStatus ?? 0);
  if (wantedStatus === undefined || annotations === undefined || status >= 300) return undefined;
  return {
    code: 'ingress-annotation-missing',
    path,
    ingress: found.ingress,
    rule: ruleText(found),
    service: found.service ?? '',
    wanted: wantedStatus,
    status,
    annotations,
  };
}

/** The rule's Service was asked, but is not reached, speaks otherwise, or knows no such path. */
function explainUpstream(view: ExplainView, asked: AskedIngress, found: IngressRuleFound): Cause | undefined {
  const { ingress, service = '', target } = found;
  if (asked.status === 502 || asked.status === 504) {
    const { namespace } = ingress;
    const behind = { namespace, name: service, port: portOf(view, namespace, service, found.port) };
    const cause = explainBehindProxy(view, asked.packets ?? [], behind);
    if (cause !== undefined) return cause;
    if (asked.status === 504)
      return { code: 'ingress-backend-silent', ingress, service, seconds: found.readTimeoutSeconds };
    return found.isSecure ? { code: 'ingress-backend-secure', ingress, service } : undefined;
  }
  const isUnknownPath = asked.status === 404 && asked.wantedStatus !== undefined;
  return isUnknownPath
    ? { code: 'ingress-path-passed-on', path: asked.path, ingress, rule: ruleText(found), service, target }
    : undefined;
}

function explainClass(view: ExplainView, ingress: Ingress, hasController: boolean): Cause {
  const className =
    ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class'];
  const classes = view.list(ingressClasses).map(({ metadata }) => metadata.name);
  return {
    code: 'ingress-not-served',
    ingress: objectName('Ingress', ingress.metadata),
    ...(className === undefined ? {} : { className }),
    classes,
    hasController,
  };
}

function explainCertificate(view: ExplainView, served: readonly Ingress[], host: string): Cause | undefined {
  for (const ingress of served) {
    for (const controller of view.ingressControllers()) {
      const reason = controller.certificateProblem(ingress, host);
      if (reason !== undefined)
        return {
          code: 'ingress-certificate',
          ingress: objectName('Ingress', ingress.metadata),
          host,
          reason,
        };
    }
  }
  const [first] = served;
  const reason = `spec.tls has no entry for "${host}"`;
  return (
    first && { code: 'ingress-certificate', ingress: objectName('Ingress', first.metadata), host, reason }
  );
}

function explainBackend(view: ExplainView, found: IngressRuleFound): Cause | undefined {
  const { ingress, service: name = '', port = '', problem } = found;
  if (problem === undefined) return undefined;
  const all = view.list(services, ingress.namespace);
  const service = all.find(({ metadata }) => metadata.name === name);
  if (service === undefined) {
    const missing = { kind: 'Service', namespace: ingress.namespace, name };
    return {
      code: 'ingress-backend-missing',
      ingress,
      service: missing,
      services: all.map(({ metadata }) => metadata.name),
    };
  }
  if (problem === 'no-endpoints') return explainNoEndpoints(view, service);
  return {
    code: 'ingress-backend-port',
    ingress,
    service: objectName('Service', service.metadata),
    port,
    ports: (service.spec?.ports ?? []).map((entry) =>
      entry.name === undefined ? String(entry.port) : `${entry.port} (${entry.name})`,
    ),
  };
}

/** The number of a Service's port that a backend gives by number or name. */
function portOf(view: ExplainView, namespace: string, name: string, port = ''): number {
  const service = view.list(services, namespace).find(({ metadata }) => metadata.name === name);
  return service?.spec?.ports?.find((entry) => entry.name === port)?.port ?? Number(port);
}

function hostsOf(ingress: Ingress): readonly string[] {
  return (ingress.spec?.rules ?? []).map(({ host }) => host ?? '');
}
