/**
 * Whether a task says what its checks ask for: every name and number of a check stands in the task's text in both
 * languages, and as a term of the exercise, so that changing one changes the other.
 */
import type { Check, CheckTarget, CheckVantage, ExerciseDefinition, Localized } from '../exercise/schema.ts';
import { fillText, termReference } from '../exercise/terms.ts';

/** What every cluster has, and no task need introduce. Source: KUBERNETES.md, the topology. */
const everywhere: ReadonlySet<string> = new Set([
  'default',
  'kube-system',
  'kubernetes',
  'kube-dns',
  'control-plane',
  'worker-1',
  'worker-2',
]);

/** The checks' names and numbers that a task does not say, or says without a term. */
export function verifyNames({ checks, terms }: ExerciseDefinition, task: Localized): readonly string[] {
  const notSaid = (wanted: string) =>
    (['ko', 'en'] as const)
      .filter((language) => !task[language].includes(wanted))
      .map((language) => `task.${language}.md`);
  return checks.flatMap((check) => [
    ...namesOf(check)
      .filter((name) => !everywhere.has(name))
      .flatMap((name) => {
        const term = Object.entries(terms).find(([, value]) => String(value) === name)?.[0];
        if (term === undefined) return [`check ${check.id}: "${name}" is no term of the exercise`];
        return notSaid(`$(${term})`).map(
          (file) => `check ${check.id}: ${file} does not say $(${term}), ${name}`,
        );
      }),
    ...keysOf(check).flatMap((key) =>
      notSaid(`\`${key}\``).map((file) => `check ${check.id}: ${file} does not say \`${key}\``),
    ),
  ]);
}

/** References in a text that no term answers: a shell's `$(…)` has more than a name in it. */
export function verifyReferences(
  name: string,
  text: Localized,
  { terms }: ExerciseDefinition,
): readonly string[] {
  return (['ko', 'en'] as const).flatMap((language) =>
    [...fillText(text[language], terms).matchAll(termReference)].map(
      ([reference]) => `${name}, ${language}: ${reference} is no term of the exercise`,
    ),
  );
}

/** What a learner must know of a check beforehand. */
function namesOf(check: Check): readonly string[] {
  switch (check.kind) {
    case 'reach':
      return unique([
        ...ofVantage(check.from),
        ...ofTarget(check.to),
        ...ofLabels(check.answer?.fromPod?.labels),
        ...known(check.answer?.fromPod?.namespace),
      ]);
    case 'object':
      return unique([
        ...known(check.name),
        ...known(check.namespace),
        ...ofLabels(check.labels),
        ...Object.values(check.fields).flatMap((want) => (typeof want === 'number' ? [String(want)] : [])),
      ]);
    case 'resolve':
      return unique([...ofVantage(check.from), ...ofHost(check.name)]);
    case 'log':
      return unique(ofReference(check.pod));
    default:
      return [];
  }
}

/** The keys that a learner writes values under. */
function keysOf(check: Check): readonly string[] {
  return check.kind === 'find' ? [check.key] : [];
}

function ofVantage(from: CheckVantage): readonly string[] {
  if ('pod' in from) return ofReference(from.pod);
  return 'node' in from ? [from.node] : [];
}

function ofTarget(to: CheckTarget): readonly string[] {
  if ('url' in to) return ofUrl(to.url);
  if ('pod' in to) return [...ofReference(to.pod), String(to.port)];
  if ('service' in to) return [...ofReference(to.service), String(to.port)];
  if ('nodePort' in to) return [...ofReference(to.nodePort), String(to.port)];
  if ('loadBalancer' in to) return [...ofReference(to.loadBalancer), String(to.port)];
  if ('ingress' in to) return [to.ingress];
  if ('gateway' in to) return [...ofReference(to.gateway), ...known(to.host)];
  return [to.node, String(to.port)];
}

function ofReference(reference: {
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly namespace: string;
}): readonly string[] {
  return [...known(reference.name), ...ofLabels(reference.labels), ...known(reference.namespace)];
}

/** Host and port as they stand in the URL; the scheme's own port is nobody's to say. */
function ofUrl(url: string): readonly string[] {
  const { hostname, port } = new URL(url);
  return [...ofHost(hostname), ...(port === '' ? [] : [port])];
}

/** `backend.data`, however much of the cluster's domain follows: the names in it are the Service's and its namespace. */
function ofHost(host: string): readonly string[] {
  if (/^[0-9.]+$/.test(host)) return [host];
  const [inCluster = ''] = host.split(/\.svc(?:\.|$)/);
  return [inCluster];
}

function ofLabels(labels: Readonly<Record<string, string>> | undefined): readonly string[] {
  return Object.values(labels ?? {});
}

function known(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
