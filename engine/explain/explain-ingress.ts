/**
 * Why a request did not go where it should through an Ingress: nobody serves it, no rule has its host or path, another rule
 * won, or what the rule points at is missing. The rule that won is the controller's own finding.
 */
import type { Ingress, Service } from '../api/types/kinds.ts';
import { ingressClasses, ingresses, services } from '../api/types/resources.ts';
import type { Cause } from './cause.ts';
import type { ExplainView, IngressRuleFound } from './explain.ts';
import { explainNoEndpoints, objectName } from './explain-service.ts';

/** A request that was answered by a controller, but not as it should. */
export interface AskedIngress {
  readonly host: string;
  readonly path: string;
  /** The status of the answer. */
  readonly status: number;
  /** Labels of the Pod that should have answered, with its namespace. */
  readonly wanted?: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string };
  /** Whether no rule should have taken it. */
  readonly isForNobody?: boolean;
  /** Whether the certificate is what is wrong. */
  readonly isAboutCertificate?: boolean;
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
  const found = controllers.map((controller) => controller.find(asked.host, asked.path)).find(Boolean);
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
  // A path that a rule took by its letters alone is the path's doing, whatever the rule says of hosts.
  if (asked.isForNobody === true && mentioned.length === 0 && isBelow(asked.path, found.path)) {
    return { code: 'ingress-every-host', host: asked.host, ingress: found.ingress };
  }
  return explainBackend(view, found) ?? explainWinner(view, asked, found, rules);
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

function explainWinner(
  view: ExplainView,
  { path, wanted }: AskedIngress,
  found: IngressRuleFound,
  rules: readonly HostRule[],
): Cause | undefined {
  if (wanted === undefined || found.service === undefined) return undefined;
  const meant = view
    .list(services, wanted.namespace)
    .filter((service) => selects(service, wanted.labels))
    .map(({ metadata }) => metadata.name);
  if (meant.includes(found.service)) return undefined;
  const lost = rules.find(({ service }) => meant.includes(service));
  return {
    code: 'ingress-rule-won',
    path,
    ingress: found.ingress,
    rule: `${found.pathType} ${found.path}`,
    service: found.service,
    ...(lost === undefined
      ? {}
      : { lost: { rule: lost.text, service: lost.service, because: reasonOf(found, lost, path) } }),
  };
}

function bare(path: string): string {
  return path.replace(/\/$/, '');
}

/** Whether a path is another or stands below it, element by element. */
function isBelow(path: string, above: string): boolean {
  return `${bare(path)}/`.startsWith(`${bare(above)}/`);
}

type Reason = 'does-not-match' | 'exact' | 'longer' | 'older';

function reasonOf(found: IngressRuleFound, lost: HostRule, path: string): Reason {
  const matches = lost.pathType === 'Exact' ? path === lost.path : isBelow(path, lost.path);
  if (!matches) return 'does-not-match';
  if (found.pathType === 'Exact' && lost.pathType !== 'Exact') return 'exact';
  return bare(found.path).length > bare(lost.path).length ? 'longer' : 'older';
}

interface HostRule {
  readonly path: string;
  readonly pathType: string;
  readonly service: string;
  /** `Prefix /shop` */
  readonly text: string;
}

function rulesOf(ingress: Ingress, host: string): readonly HostRule[] {
  return (ingress.spec?.rules ?? [])
    .filter((rule) => covers(rule.host ?? '', host) || rule.host === undefined)
    .flatMap((rule) => rule.http?.paths ?? [])
    .map(({ path = '/', pathType, backend }) => ({
      path,
      pathType,
      service: backend.service?.name ?? '',
      text: `${pathType} ${path}`,
    }));
}

function hostsOf(ingress: Ingress): readonly string[] {
  return (ingress.spec?.rules ?? []).map(({ host }) => host ?? '');
}

/** Whether a rule's host takes a name; a wildcard stands for one label. */
function covers(host: string, name: string): boolean {
  if (!host.startsWith('*.')) return host === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === host.slice(1);
}

function selects(service: Service, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const own = new Map(Object.entries(labels));
  return selector.length > 0 && selector.some(([key, value]) => own.get(key) === value);
}
