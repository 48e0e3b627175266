/**
 * The controller's view of the API, kept per set of flags: its routes, its certificates, and the answers to the questions that its
 * program asks. Everything here follows from the objects and is no state of its own.
 */
import { keyOf } from '../../api/objects/keys.ts';
import type { Ingress } from '../../api/types/kinds.ts';
import { endpointSlices, ingressClasses, ingresses, secrets, services } from '../../api/types/resources.ts';
import { err, type Result } from '../../base/result.ts';
import type { ControllerContext } from '../../client/client.ts';
import type { ProxiedRequest } from '../proxied-request.ts';
import { answerBefore, type OwnAnswer } from './answer-before.ts';
import { type Backend, findBackend } from './backends.ts';
import { type CanaryVerdict, judgeCanary } from './canary.ts';
import { type ControllerFlags, isServedBy } from './classes.ts';
import { answerFacts, type Decision, type DecisionView, decide, normalizePath, targetFor } from './decide.ts';
import { fakeCertificate } from './fake-certificate.ts';
import type { CanaryRule, PathRule } from './host-table.ts';
import { anyHost, createRoutes, type Routes } from './routes.ts';
import { problemFor, readSecret, type SecretCertificate, secretNameFor } from './secrets.ts';

/** A controller with certain flags. */
export interface Router {
  readonly routes: Routes;
  serves(ingress: Ingress): boolean;
  decide(request: ProxiedRequest): Decision;
  /** The rule that takes a request, and what follows from it; undefined for the controller's own 404. */
  find(request: ProxiedRequest): FoundRoute | undefined;
  /** The certificates that are shown for a name, as PEM. */
  certificateFor(serverName: string | undefined): string;
  /** Why the certificate that an Ingress names for a host is not shown, or undefined. */
  certificateProblem(ingress: Ingress, host: string): string | undefined;
}

/** A request's rule, told for explanations. */
export interface FoundRoute {
  readonly rule: PathRule;
  /** The host whose rules were asked: a name, a wildcard, or {@link anyHost}. */
  readonly host: string;
  readonly isRegex: boolean;
  /** What the controller answers by itself. */
  readonly answer?: OwnAnswer;
  /** Absent for the controller's own default backend. */
  readonly backend?: Backend;
  /** The path and query that the backend is asked for. */
  readonly target: string;
  readonly canary?: CanaryRule & { readonly verdict: CanaryVerdict };
}

/** Makes routers from objects as they are; each is made when it is first asked for. */
export interface Routers {
  of(flags: ControllerFlags): Router;
}

/** Sets of flags that are kept; nobody runs more kinds of controllers. */
const maxRouters = 16;
/** Certificates that are kept read. */
const maxCertificates = 4000;

/** Sets the views up; nothing is read before somebody asks. */
export function createRouters(context: ControllerContext, nowMs: () => number): Routers {
  const ingressInformer = context.informers.informer(ingresses);
  const classInformer = context.informers.informer(ingressClasses);
  const serviceInformer = context.informers.informer(services);
  const sliceInformer = context.informers.informer(endpointSlices);
  const secretInformer = context.informers.informer(secrets);
  const routers = new Map<string, Router>();
  const certificates = new Map<string, Result<SecretCertificate, string>>();
  let slicesOf: ((key: string) => ReturnType<typeof sliceInformer.list>) | undefined;

  ingressInformer.onChange(({ before, after }) => {
    const ingress = after ?? before;
    if (ingress === undefined) return;
    for (const router of routers.values()) {
      router.routes.put(keyOf(ingress), after !== undefined && router.serves(after) ? after : undefined);
    }
  });
  classInformer.onChange(() => routers.clear());

  const certificateOf = (key: string): Result<SecretCertificate, string> => {
    const [namespace = '', name = ''] = key.split('/');
    const secret = secretInformer.get(namespace, name);
    const version = `${key} ${secret?.metadata.uid} ${secret?.metadata.resourceVersion}`;
    const known = certificates.get(version) ?? readSecret(secret, key);
    if (certificates.size >= maxCertificates) certificates.clear();
    certificates.set(version, known);
    return known;
  };

  function createRouter(flags: ControllerFlags): Router {
    const routes = createRoutes();
    const serves = (ingress: Ingress) => isServedBy(flags, ingress, (name) => classInformer.get('', name));
    for (const ingress of ingressInformer.list()) if (serves(ingress)) routes.put(keyOf(ingress), ingress);

    const shownFor = (ingress: Ingress, host: string): Result<SecretCertificate, string> | undefined => {
      const namespace = ingress.metadata.namespace ?? '';
      const name = secretNameFor(ingress, host, (secret) => certificateOf(`${namespace}/${secret}`));
      if (name === undefined) return undefined;
      if (name === '') return err(`no secretName is given for host "${host}"`);
      const key = `${namespace}/${name}`;
      const certificate = certificateOf(key);
      if (!certificate.ok) return certificate;
      const problem = problemFor(certificate.value, key, host, nowMs());
      return problem === undefined ? certificate : err(problem);
    };
    const certificateOfHost = (host: string): SecretCertificate | undefined => {
      for (const { ingress } of routes.ingressesOf(host)) {
        // The oldest Ingress that speaks of the host decides.
        const shown = shownFor(ingress, host);
        if (shown !== undefined) return shown.ok ? shown.value : undefined;
      }
      return undefined;
    };
    const view: DecisionView = {
      routes,
      defaultBackendService: flags.defaultBackendService,
      hasCertificate: (host) => host !== anyHost && certificateOfHost(host) !== undefined,
      secret: (namespace, name) => secretInformer.get(namespace, name),
      service: (namespace, name) => serviceInformer.get(namespace, name),
      slicesOf(namespace, service) {
        slicesOf ??= sliceInformer.index('ingress/service', (slice) => {
          const name = slice.metadata.labels?.['kubernetes.io/service-name'];
          return name === undefined ? [] : [`${slice.metadata.namespace ?? ''}/${name}`];
        });
        return slicesOf(`${namespace}/${service}`);
      },
    };
    return {
      routes,
      serves,
      decide: (request) => decide(view, request),
      find(request) {
        const host = routes.hostOf(request.host);
        const path = normalizePath(request.target);
        const table = routes.table(host);
        const found = table.find(path);
        if (found === undefined) return undefined;
        const { rule } = found;
        const answer = answerBefore(rule.settings, request, path, answerFacts(view, rule, host));
        const [canary] = rule.canaries;
        const how = canary?.settings.canary;
        return {
          rule,
          host,
          isRegex: table.isRegex,
          target: targetFor(found, path, request.target),
          ...(answer === undefined ? {} : { answer }),
          ...(rule.backend === undefined
            ? {}
            : { backend: findBackend(view, rule.namespace, rule.backend, false) }),
          ...(canary === undefined || how === undefined
            ? {}
            : { canary: { ...canary, verdict: judgeCanary(how, request.headers, request.chance) } }),
        };
      },
      certificateFor(serverName) {
        const host = routes.hostOf((serverName ?? '').toLowerCase());
        const own = host === anyHost ? undefined : certificateOfHost(host);
        if (own !== undefined) return own.pem;
        const common = flags.defaultCertificate === '' ? undefined : certificateOf(flags.defaultCertificate);
        return common?.ok === true ? common.value.pem : fakeCertificate;
      },
      certificateProblem(ingress, host) {
        const shown = shownFor(ingress, host);
        return shown === undefined || shown.ok ? undefined : shown.error;
      },
    };
  }

  return {
    of(flags) {
      const key = JSON.stringify(flags);
      const router = routers.get(key) ?? createRouter(flags);
      if (routers.size >= maxRouters) routers.clear();
      routers.set(key, router);
      return router;
    },
  };
}
