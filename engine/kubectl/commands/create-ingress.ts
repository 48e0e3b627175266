/** `kubectl create ingress`. Source: k8s.io/kubectl/pkg/cmd/create/create_ingress.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Flags } from '../cli/flag-table.ts';
import { failure } from '../failure.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';

/** Host, path, Service and port; the rest of a rule is of no account to upstream's check either. */
const ruleShape = /^[\w*\-.]*\/.*=[\w-]+:[\w-]+/;

export const createIngressCommand = createSubcommand({
  name: 'ingress',
  usage: 'NAME --rule=host/path=service:port[,tls[=secret]] ',
  short: 'Create an ingress with the specified name',
  aliases: ['ing'],
  flags: [
    { name: 'annotation', type: 'stringArray', usage: 'An annotation as key=value.' },
    { name: 'class', type: 'string', usage: 'The IngressClass.' },
    { name: 'default-backend', type: 'string', usage: 'The Service for all other traffic, as name:port.' },
    {
      name: 'rule',
      type: 'stringArray',
      usage: 'A rule as host/path=service:port[,tls[=secret]]; a path that ends in * is a prefix.',
    },
  ],
  generate: (invocation, name) => {
    const { flags } = invocation;
    const problem = flagProblem(flags);
    if (problem !== undefined) return failure(problem);
    const annotations = Object.fromEntries(
      flags.strings('annotation').map((text) => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]),
    );
    const rules = flags.strings('rule');
    const tls = tlsOf(rules);
    const className = flags.string('class');
    const defaultBackend = flags.string('default-backend');
    return ok({
      object: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
          ...metadataOf(invocation, name),
        },
        spec: {
          ...(defaultBackend === '' ? {} : { defaultBackend: backendOf(defaultBackend) }),
          ...(className === '' ? {} : { ingressClassName: className }),
          ...(rules.length === 0 ? {} : { rules: rulesOf(rules) }),
          ...(tls.length === 0 ? {} : { tls }),
        },
        status: { loadBalancer: {} },
      },
      path: namespacedPath(invocation, '/apis/networking.k8s.io/v1', 'ingresses'),
      refusal: 'failed to create ingress: ',
    });
  },
});

function flagProblem(flags: Flags): string | undefined {
  const rules = flags.strings('rule');
  const defaultBackend = flags.string('default-backend');
  if (defaultBackend === '' && rules.length === 0) {
    return 'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)';
  }
  const wrongRule = rules.find((rule) => !ruleShape.test(rule));
  if (wrongRule !== undefined)
    return `rule ${wrongRule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`;
  const wrongAnnotation = flags.strings('annotation').find((text) => !text.includes('='));
  if (wrongAnnotation !== undefined)
    return `annotation ${wrongAnnotation} is invalid and should be in format key=[value]`;
  if (defaultBackend !== '' && defaultBackend.split(':').length !== 2)
    return 'default-backend should be in format servicename:serviceport';
  return undefined;
}

/** One rule for each host, in the order in which hosts come first. */
function rulesOf(rules: readonly string[]): readonly JsonObject[] {
  const byHost = new Map<string, JsonObject[]>();
  for (const rule of rules) {
    const [withoutTls = ''] = rule.split(',');
    const slash = withoutTls.indexOf('/');
    const host = withoutTls.slice(0, slash);
    const paths = byHost.get(host) ?? [];
    paths.push(pathOf(withoutTls.slice(slash + 1)));
    byHost.set(host, paths);
  }
  return [...byHost].map(([host, paths]) => ({ ...(host === '' ? {} : { host }), http: { paths } }));
}

function pathOf(text: string): JsonObject {
  const [rest = '', service = ''] = text.split('=');
  const isPrefix = rest.endsWith('*');
  return {
    backend: backendOf(service),
    path: `/${isPrefix ? rest.slice(0, -1) : rest}`,
    pathType: isPrefix ? 'Prefix' : 'Exact',
  };
}

function backendOf(text: string): JsonObject {
  const [name = '', port = ''] = text.split(':');
  const isNumber = /^[+-]?\d+$/.test(port);
  return { service: { name, port: isNumber ? { number: Number(port) } : { name: port } } };
}

/** Hosts by the Secret of their certificate; a host is taken up once. */
function tlsOf(rules: readonly string[]): readonly JsonObject[] {
  const seen = new Set<string>();
  const bySecret = new Map<string, string[]>();
  for (const rule of rules) {
    const parts = rule.split(',');
    if (parts.length !== 2) continue;
    const host = rule.split('/', 1)[0] ?? '';
    const secret = (parts[1] ?? '').split('=')[1] ?? '';
    if (seen.has(host)) continue;
    seen.add(host);
    const hosts = bySecret.get(secret);
    if (hosts !== undefined) hosts.push(host);
    else if (host !== '' || secret !== '') bySecret.set(secret, host === '' ? [] : [host]);
  }
  return [...bySecret].map(([secretName, hosts]) => ({
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(secretName === '' ? {} : { secretName }),
  }));
}
