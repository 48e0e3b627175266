/** `kubectl set image`. Source: k8s.io/kubectl/pkg/cmd/set/set_image.go. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { type Failure, failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withChangeCause } from '../record.ts';
import { objectsAt, stringAt, valueAt, withValueAt } from '../rest/object-fields.ts';
import type { ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { chooseObjects, localProblem, podSpecPath, setFlagsWithSelector } from './set-objects.ts';
import { outcomePrinter, readDryRun } from './write-options.ts';

export const setImageCommand: Command = {
  name: 'image',
  usage:
    '(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N',
  short: 'Update the image of a pod template',
  flags: setFlagsWithSelector,
  run: runSetImage,
};

async function runSetImage(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  const local = localProblem(invocation, dryRun.value);
  if (local !== undefined) return failure(local);
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  const start = args.findIndex((arg) => arg.includes('=') || arg.endsWith('-'));
  const resources = start < 0 ? args : args.slice(0, start);
  const images = parseImages(start < 0 ? [] : args.slice(start));
  if (!images.ok) return images;
  const fetched = await chooseObjects(invocation, resources);
  if (!fetched.ok) return fetched;
  const early = joinFailures(fetched.value.failures);
  if (early !== undefined) return { ok: false, error: early };
  const misuse = misuseOf(invocation, resources, images.value);
  if (misuse !== undefined) return { ok: false, error: misuse };
  const failures: Failure[] = [];
  for (const info of fetched.value.infos) {
    const change = imageChange(info, images.value);
    failures.push(...change.failures);
    if (change.spec === undefined) continue;
    const path = resourcePath(info.mapping, info.namespace, info.name);
    const query = [
      ['fieldManager', flags.string('field-manager')] as const,
      ...(dryRun.value === 'server' ? [['dryRun', 'All'] as const] : []),
    ];
    const changed =
      dryRun.value === 'client' || flags.bool('local')
        ? ok(withValueAt(info.object, change.specPath, change.spec))
        : await invocation.client.patch(
            path,
            'strategic-merge-patch',
            withChangeCause(invocation, change.patch),
            query,
          );
    if (!changed.ok) {
      failures.push({
        kind: 'message',
        message: `failed to patch image update to pod template: ${messageOf(changed.error)}`,
      });
      continue;
    }
    const printed = print.value(changed.value, 'image updated');
    if (!printed.ok) failures.push(printed.error);
  }
  const problem = joinFailures(failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

function parseImages(pairs: readonly string[]): Outcome<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 0) {
      if (pair.endsWith('-')) return failure(`"${pair}" is not a valid image update`);
      return failure(`all resources must be specified before image changes: ${pair}`);
    }
    images.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return ok(images);
}

function misuseOf(
  { flags }: Invocation,
  resources: readonly string[],
  images: ReadonlyMap<string, string>,
): Failure | undefined {
  const problems: string[] = [];
  if (flags.bool('all') && flags.string('selector') !== '')
    problems.push('cannot set --all and --selector at the same time');
  if (resources.length === 0 && flags.strings('filename').length === 0)
    problems.push('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (images.size === 0) problems.push('at least one image update is required');
  else if (images.size > 1 && images.has('*'))
    problems.push(
      'all containers are already specified by *, but saw more than one container_name=container_image pairs',
    );
  return joinFailures(problems.map((message) => ({ kind: 'message', message })));
}

interface ImageChange {
  readonly failures: readonly Failure[];
  readonly specPath: readonly string[];
  /** The Pod spec with its new images; undefined when nothing changes. */
  readonly spec?: JsonObject;
  readonly patch: JsonObject;
}

function imageChange(info: ResourceInfo, images: ReadonlyMap<string, string>): ImageChange {
  const specPath = podSpecPath(info);
  const nothing = { specPath, patch: {} };
  const spec = specPath === undefined ? undefined : valueAt(info.object, ...specPath);
  if (specPath === undefined || spec === undefined) {
    const message = `error: ${info.mapping.plural}/${info.name} the object is not a pod or does not have a pod template: *${info.mapping.version}.${info.mapping.kind}\n`;
    return { ...nothing, specPath: [], failures: [{ kind: 'message', message }] };
  }
  const named = ['initContainers', 'containers'].flatMap((list) => objectsAt(spec, list));
  const missing = [...images.keys()].filter(
    (name) => name !== '*' && !named.some((one) => stringAt(one, 'name') === name),
  );
  const failures = missing.map(
    (name): Failure => ({
      kind: 'message',
      message: `error: unable to find container named ${JSON.stringify(name)}`,
    }),
  );
  const imageFor = (name: string) => images.get(name) ?? images.get('*');
  let changedSpec: JsonObject = {};
  let whole = withValueAt(info.object, [], undefined);
  for (const list of ['initContainers', 'containers']) {
    const containers = objectsAt(spec, list);
    const changed = containers.filter((one) => {
      const image = imageFor(stringAt(one, 'name'));
      return image !== undefined && image !== stringAt(one, 'image');
    });
    if (changed.length === 0) continue;
    const patched = changed.map((one) => ({
      name: stringAt(one, 'name'),
      image: imageFor(stringAt(one, 'name')) ?? '',
    }));
    changedSpec = { ...changedSpec, [list]: patched };
    const updated = containers.map((one) => ({
      ...one,
      image: imageFor(stringAt(one, 'name')) ?? stringAt(one, 'image'),
    }));
    whole = withValueAt(whole, [...specPath, list], updated);
  }
  if (Object.keys(changedSpec).length === 0) return { ...nothing, specPath, failures };
  const newSpec = valueAt(whole, ...specPath);
  const patch = specPath.toReversed().reduce<JsonObject>((inner, key) => ({ [key]: inner }), changedSpec);
  return { failures, specPath, patch, ...(isJsonObject(newSpec) ? { spec: newSpec } : {}) };
}
