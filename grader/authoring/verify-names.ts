/**
 * Whether a task says what its checks ask for: every name and number of a check stands in the task's text in both
 * languages, and as a term of the exercise, so that changing one changes the other.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, CheckTarget, CheckVantage } from '../exercise/schema.ts';
import { fillText, termReference } from '../exercise/terms.ts';
import type { Exercise } from '../exercise/workbook.ts';

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
export function verifyNames(exercise: Exercise): readonly string[] {
  const { definition } = exercise;
  const tasks = (['ko', 'en'] as const).map((language) => ({
    file: `task.${language}.md`,
    text: readTask(exercise, `task.${language}.md`),
  }));
  return definition.checks.flatMap((check) => [
    ...namesOf(check)
      .filter((name) => !everywhere.has(name))
      .flatMap((name) => {
        const term = Object.entries(definition.terms).find(([, value]) => String(value) === name)?.[0];
        if (term === undefined) return [`check ${check.id}: "${name}" is no term of the exercise`];
        return tasks
          .filter(({ text }) => !text.includes(`$(${term})`))
          .map(({ file }) => `check ${check.id}: ${file} does not say $(${term}), ${name}`);
      }),
    ...keysOf(check).flatMap((key) =>
      tasks
        .filter(({ text }) => !text.includes(`\`${key}\``))
        .map(({ file }) => `check ${check.id}: ${file} does not say \`${key}\``),
    ),
  ]);
}

/** References in any text of the exercise that no term answers: a shell's `$(…)` has more than a name in it. */
export function verifyReferences(exercise: Exercise): readonly string[] {
  const { definition } = exercise;
  const { terms, hints, checks, title, debrief } = definition;
  const texts: readonly (readonly [string, string])[] = [
    ...(['ko', 'en'] as const).flatMap((language) => [
      [`task.${language}.md`, fillText(readTask(exercise, `task.${language}.md`), terms)] as const,
      ['title', title[language]] as const,
      ...hints.map((hint, index) => [`hints[${index}]`, hint[language]] as const),
      ...checks.map((check) => [`check ${check.id}`, check.says[language]] as const),
      ['debrief', debrief.why[language] + debrief.bigger[language]] as const,
    ]),
  ];
  return texts.flatMap(([name, text]) =>
    [...text.matchAll(termReference)].map(
      ([reference]) => `${name}: ${reference} is no term of the exercise`,
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

function readTask(exercise: Exercise, name: string): string {
  try {
    return readFileSync(join(exercise.folder, name), 'utf8');
  } catch {
    return '';
  }
}
