/** What a line of `kubectl debug` asks for, and what it may not ask for. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { type DebugProfile, type KeptParts, parseProfile } from './debug-profiles.ts';
import { isImageReference } from './image-reference.ts';

/** The flags and words of one line. */
export interface DebugRequest {
  readonly targets: readonly string[];
  /** The words behind `--`. */
  readonly words: readonly string[];
  readonly image: string;
  readonly setImages: ReadonlyMap<string, string>;
  readonly profile: DebugProfile;
  readonly kept: KeptParts;
  readonly attach: boolean;
  readonly env: readonly JsonObject[];
  /** Part of a container that is laid over the one of the profile. */
  readonly custom: JsonObject | undefined;
}

/** Reads a line's flags in the order in which the original complains about them. */
export async function readDebugRequest(invocation: Invocation): Promise<Outcome<DebugRequest>> {
  const { args, dashAt, flags } = invocation;
  const hasWords = dashAt !== undefined && args.length > dashAt;
  const profile = parseProfile(flags.string('profile'));
  if (profile === undefined) return failure(`unknown profile: ${flags.string('profile')}`);
  const custom = await readCustom(invocation, flags.string('custom'));
  if (!custom.ok) return custom;
  const request: DebugRequest = {
    targets: hasWords ? args.slice(0, dashAt) : args,
    words: hasWords ? args.slice(dashAt) : [],
    image: flags.string('image'),
    setImages: pairsOf(flags.strings('set-image')),
    profile,
    kept: {
      labels: flags.bool('keep-labels'),
      annotations: flags.bool('keep-annotations'),
      liveness: flags.bool('keep-liveness'),
      readiness: flags.bool('keep-readiness'),
      startup: flags.bool('keep-startup'),
      initContainers: flags.bool('keep-init-containers'),
    },
    attach: flags.isSet('attach') ? flags.bool('attach') : flags.bool('stdin'),
    env: [...pairsOf(flags.strings('env'))].map(([name, value]) => ({ name, value })),
    custom: custom.value,
  };
  const misuse = checkRequest(invocation, request);
  return misuse === undefined ? ok(request) : failure(misuse);
}

function pairsOf(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const equals = text.indexOf('=');
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

async function readCustom({ host }: Invocation, path: string): Promise<Outcome<JsonObject | undefined>> {
  if (path === '') return ok(undefined);
  const text = await host.readFile(path);
  if (text === undefined) {
    return failure(
      `must pass a container spec json file for custom profile: open ${path}: no such file or directory`,
    );
  }
  const parsed = parseManifest(text);
  if (!parsed.ok) return failure(`${path} does not contain a valid container spec: ${parsed.error}`);
  return ok(parsed.value ?? {});
}

/** Fields that `--custom` may not bring. */
const fixedFields = ['name', 'command', 'image', 'lifecycle', 'volumeDevices'] as const;

function checkRequest(invocation: Invocation, request: DebugRequest): string | undefined {
  const { flags } = invocation;
  const { image, setImages, targets } = request;
  const container = flags.string('container');
  if (request.attach && flags.isSet('attach') && image === '' && container === '') {
    return 'you must specify --container or create a new container using --image in order to attach.';
  }
  const misuse =
    flags.string('copy-to') === '' ? checkInPlace(invocation, request) : checkCopy(request, container);
  if (misuse !== undefined) return misuse;
  if (image !== '' && !isImageReference(image))
    return `invalid image name ${JSON.stringify(image)}: invalid reference format`;
  if (targets.length === 0 && flags.strings('filename').length === 0)
    return 'NAME or filename is required for debug';
  const pullPolicy = flags.string('image-pull-policy');
  if (!['Always', 'IfNotPresent', 'Never', ''].includes(pullPolicy))
    return `invalid image pull policy: ${pullPolicy}`;
  for (const [name, one] of setImages) {
    if (!isImageReference(one)) {
      return `invalid image name ${JSON.stringify(one)} for container ${JSON.stringify(name)}: invalid reference format`;
    }
  }
  const target = flags.string('target');
  if (target !== '') {
    if (flags.string('copy-to') !== '')
      return '--target is incompatible with --copy-to. Use --share-processes instead.';
    if (!flags.bool('quiet')) {
      invocation.out(
        `Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
      );
    }
  }
  if (flags.bool('tty') && !flags.bool('stdin'))
    return '-i/--stdin is required for containers with -t/--tty=true';
  const { custom } = request;
  if (custom !== undefined && fixedFields.some((field) => isFilled(custom, field))) {
    return 'name, command, image, lifecycle and volume devices are not modifiable via custom profile';
  }
  if (request.profile === 'legacy') {
    invocation.err(
      '--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n',
    );
  }
  return undefined;
}

function checkCopy({ image, setImages, words }: DebugRequest, container: string): string | undefined {
  if (image === '' && setImages.size === 0 && words.length === 0) {
    return 'you must specify --image, --set-image or command arguments.';
  }
  return words.length > 0 && container === '' && image === ''
    ? 'you must specify an existing container or a new image when specifying args.'
    : undefined;
}

function checkInPlace({ flags }: Invocation, { image, setImages }: DebugRequest): string | undefined {
  if (flags.bool('replace')) return '--replace may only be used with --copy-to.';
  if (flags.bool('same-node')) return '--same-node may only be used with --copy-to.';
  if (setImages.size > 0) return '--set-image may only be used with --copy-to.';
  return image === '' ? 'you must specify --image when not using --copy-to.' : undefined;
}

function isFilled(object: JsonObject, field: string): boolean {
  const value = object[field];
  if (value === undefined || value === null || value === '') return false;
  return Array.isArray(value) ? value.length > 0 : !isJsonObject(value) || Object.keys(value).length > 0;
}
