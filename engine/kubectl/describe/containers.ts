/** Containers in a description, of Pods and of Pod templates. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';
import { type DescribeWriter, formatLongTime, scalarAt } from './describe-writer.ts';
import { writeEnvironment } from './environment.ts';
import { writeSpreadConstraints, writeTolerations, writeVolumes } from './volumes.ts';

/** What is known of the containers besides their spec. */
export interface ContainerFacts {
  readonly title: string;
  /** Empty for a template. */
  readonly statuses: readonly JsonObject[];
  /** Put before the title, and before names in a template. */
  readonly space: string;
  /** The Pod itself, whose fields environment variables name; absent for a template. */
  readonly pod?: JsonObject;
}

/** Writes containers one below the other. */
export function writeContainers(
  writer: DescribeWriter,
  containers: readonly JsonObject[],
  facts: ContainerFacts,
): void {
  writer.line(0, `${facts.space}${facts.title}:${containers.length === 0 ? ' <none>' : ''}`);
  for (const container of containers) {
    const name = stringAt(container, 'name');
    const status = facts.statuses.find((one) => stringAt(one, 'name') === name);
    writeBasics(writer, container, status, facts.space);
    writeWords(writer, 'Command', listAt(container, 'command').map(String));
    writeWords(writer, 'Args', listAt(container, 'args').map(String));
    if (status !== undefined) writeState(writer, status);
    writeResources(writer, objectAt(container, 'resources'), 2);
    writeProbes(writer, container);
    writeEnvironment(writer, container, facts.pod);
    writeMounts(writer, container);
  }
}

function writeBasics(
  writer: DescribeWriter,
  container: JsonObject,
  status: JsonObject | undefined,
  space: string,
): void {
  writer.line(1, `${space === '' ? '' : ' '}${stringAt(container, 'name')}:`);
  if (status !== undefined) writer.line(2, `Container ID:\t${stringAt(status, 'containerID')}`);
  writer.line(2, `Image:\t${stringAt(container, 'image')}`);
  if (status !== undefined) writer.line(2, `Image ID:\t${stringAt(status, 'imageID')}`);
  const ports = objectsAt(container, 'ports');
  writePorts(writer, 'Port', ports, 'containerPort');
  writePorts(writer, 'Host Port', ports, 'hostPort');
  const seccomp = objectAt(container, 'securityContext', 'seccompProfile');
  if (Object.keys(seccomp).length === 0) return;
  writer.line(2, `SeccompProfile:\t${stringAt(seccomp, 'type')}`);
  if (stringAt(seccomp, 'type') === 'Localhost') {
    writer.line(3, `LocalhostProfile:\t${stringAt(seccomp, 'localhostProfile')}`);
  }
}

function writePorts(
  writer: DescribeWriter,
  title: string,
  ports: readonly JsonObject[],
  field: string,
): void {
  const texts = ports.map((port) => {
    const name = stringAt(port, 'name');
    return `${Number(valueAt(port, field) ?? 0)}/${stringAt(port, 'protocol')}${name === '' ? '' : ` (${name})`}`;
  });
  writer.line(2, `${title}${texts.length > 1 ? 's' : ''}:\t${texts.join(', ') || '<none>'}`);
}

function writeWords(writer: DescribeWriter, title: string, words: readonly string[]): void {
  if (words.length === 0) return;
  writer.line(2, `${title}:`);
  for (const line of words.flatMap((word) => word.split('\n'))) writer.line(3, line);
}

function writeState(writer: DescribeWriter, status: JsonObject): void {
  writeOneState(writer, 'State', objectAt(status, 'state'));
  const last = objectAt(status, 'lastState');
  if (isJsonObject(last.terminated)) writeOneState(writer, 'Last State', last);
  writer.line(2, `Ready:\t${valueAt(status, 'ready') === true ? 'True' : 'False'}`);
  writer.line(2, `Restart Count:\t${Number(valueAt(status, 'restartCount') ?? 0)}`);
}

function writeOneState(writer: DescribeWriter, title: string, state: JsonObject): void {
  const { running, waiting, terminated } = state;
  if (isJsonObject(running)) {
    writer.line(2, `${title}:\tRunning`);
    writer.line(3, `Started:\t${formatLongTime(stringAt(running, 'startedAt'))}`);
  } else if (isJsonObject(waiting)) {
    writer.line(2, `${title}:\tWaiting`);
    if (stringAt(waiting, 'reason') !== '') writer.line(3, `Reason:\t${stringAt(waiting, 'reason')}`);
  } else if (isJsonObject(terminated)) {
    writer.line(2, `${title}:\tTerminated`);
    if (stringAt(terminated, 'reason') !== '') writer.line(3, `Reason:\t${stringAt(terminated, 'reason')}`);
    if (stringAt(terminated, 'message') !== '')
      writer.line(3, `Message:\t${stringAt(terminated, 'message')}`);
    writer.line(3, `Exit Code:\t${Number(valueAt(terminated, 'exitCode') ?? 0)}`);
    const signal = Number(valueAt(terminated, 'signal') ?? 0);
    if (signal > 0) writer.line(3, `Signal:\t${signal}`);
    writer.line(3, `Started:\t${formatLongTime(stringAt(terminated, 'startedAt'))}`);
    writer.line(3, `Finished:\t${formatLongTime(stringAt(terminated, 'finishedAt'))}`);
  } else writer.line(2, `${title}:\tWaiting`);
}

/** Limits, then requests, in order of names. */
export function writeResources(writer: DescribeWriter, resources: JsonObject, level: number): void {
  for (const [title, field] of [
    ['Limits', 'limits'],
    ['Requests', 'requests'],
  ] as const) {
    const amounts = [...Object.entries(objectAt(resources, field))].sort(([a], [b]) => compareKeys(a, b));
    if (amounts.length > 0) writer.line(level, `${title}:`);
    for (const [name, amount] of amounts) writer.line(level + 1, `${name}:\t${String(amount)}`);
  }
}

function writeProbes(writer: DescribeWriter, container: JsonObject): void {
  for (const [title, field] of [
    ['Liveness', 'livenessProbe'],
    ['Readiness', 'readinessProbe'],
    ['Startup', 'startupProbe'],
  ] as const) {
    const probe = valueAt(container, field);
    if (isJsonObject(probe)) writer.line(2, `${title}:\t${formatProbe(probe)}`);
  }
}

function formatProbe(probe: JsonObject): string {
  const number = (field: string) => Number(valueAt(probe, field) ?? 0);
  const attributes = `delay=${number('initialDelaySeconds')}s timeout=${number('timeoutSeconds')}s period=${number('periodSeconds')}s #success=${number('successThreshold')} #failure=${number('failureThreshold')}`;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (isJsonObject(exec)) return `exec [${listAt(exec, 'command').map(String).join(' ')}] ${attributes}`;
  if (isJsonObject(httpGet)) {
    const path = stringAt(httpGet, 'path');
    const slash = path === '' || path.startsWith('/') ? '' : '/';
    const url = `${stringAt(httpGet, 'scheme').toLowerCase()}://${stringAt(httpGet, 'host')}:${scalarAt(httpGet, 'port')}${slash}${path}`;
    return `http-get ${url} ${attributes}`;
  }
  if (isJsonObject(tcpSocket))
    return `tcp-socket ${stringAt(tcpSocket, 'host')}:${scalarAt(tcpSocket, 'port')} ${attributes}`;
  if (isJsonObject(grpc))
    return `grpc <pod>:${scalarAt(grpc, 'port')} ${stringAt(grpc, 'service')} ${attributes}`;
  return `unknown ${attributes}`;
}

function writeMounts(writer: DescribeWriter, container: JsonObject): void {
  const mounts = [...objectsAt(container, 'volumeMounts')].sort((a, b) =>
    compareKeys(stringAt(a, 'mountPath'), stringAt(b, 'mountPath')),
  );
  writer.line(2, `Mounts:${mounts.length === 0 ? '\t<none>' : ''}`);
  for (const mount of mounts) {
    const subPath = stringAt(mount, 'subPath');
    const mode = valueAt(mount, 'readOnly') === true ? 'ro' : 'rw';
    const flags = subPath === '' ? mode : `${mode},path=${JSON.stringify(subPath)}`;
    writer.line(3, `${stringAt(mount, 'mountPath')} from ${stringAt(mount, 'name')} (${flags})`);
  }
}

/** What a Pod template shows of itself. */
export function writePodTemplate(writer: DescribeWriter, template: JsonObject): void {
  const spec = objectAt(template, 'spec');
  writer.line(0, 'Pod Template:');
  writer.labels('  Labels', stringMapAt(template, 'metadata', 'labels'));
  const annotations = stringMapAt(template, 'metadata', 'annotations');
  if (annotations.size > 0) writer.annotations('  Annotations', annotations);
  if (stringAt(spec, 'serviceAccountName') !== '') {
    writer.line(1, `Service Account:\t${stringAt(spec, 'serviceAccountName')}`);
  }
  const inits = objectsAt(spec, 'initContainers');
  if (inits.length > 0)
    writeContainers(writer, inits, { title: 'Init Containers', statuses: [], space: '  ' });
  writeContainers(writer, objectsAt(spec, 'containers'), { title: 'Containers', statuses: [], space: '  ' });
  writeVolumes(writer, objectsAt(spec, 'volumes'), '  ');
  writeSpreadConstraints(writer, spec, '  ');
  if (stringAt(spec, 'priorityClassName') !== '') {
    writer.line(1, `Priority Class Name:\t${stringAt(spec, 'priorityClassName')}`);
  }
  writer.labels('  Node-Selectors', stringMapAt(spec, 'nodeSelector'));
  writeTolerations(writer, spec, '  ');
}
