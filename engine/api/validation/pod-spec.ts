/**
 * The rules of a Pod's spec and of Pod templates.
 * Source: ValidatePodCreate, ValidatePodSpec and ValidatePodTemplateSpec in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, notFound, required, tooLong } from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { containersWithPaths } from '../objects/containers.ts';
import { flag, has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import {
  type ContainerContext,
  validateContainers,
  validateImageName,
  validateInitContainers,
} from './containers.ts';
import { validateEphemeralContainers } from './ephemeral-containers.ts';
import { validateChoice, validateText } from './fields.ts';
import { validateLegacyAddress } from './ip.ts';
import { checkDns1123Label, checkDns1123Subdomain, rangeError } from './names.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateOperatingSystem } from './operating-system.ts';
import { validatePodAnnotations } from './pod-annotations.ts';
import { validateResourceRequirements } from './resources.ts';
import { validateAffinity, validateGates, validateSpread, validateTolerations } from './scheduling.ts';
import { validatePodSecurity } from './security.ts';
import { type VolumeOwner, validateVolumes } from './volumes.ts';

const maxNameservers = 3;
const maxSearchPaths = 32;
const maxSearchListChars = 2048;
const maxInt32 = 2 ** 31 - 1;

/** The problems of a new Pod besides its metadata. */
export function validateNewPod(pod: JsonObject): FieldError[] {
  const spec = struct(pod, 'spec');
  const errors = validatePod(pod);
  if (structs(spec, 'ephemeralContainers').length > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (text(spec, 'nodeName') !== '' && structs(spec, 'schedulingGates').length > 0) {
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}

/** The problems that any Pod may have, new or changed. */
export function validatePod(pod: JsonObject): FieldError[] {
  const spec = struct(pod, 'spec');
  const errors = [
    ...validatePodAnnotations(pod, 'metadata.annotations'),
    ...validateSpec(spec, 'spec', { isPod: true, podName: text(struct(pod, 'metadata'), 'name') }),
  ];
  if (text(spec, 'serviceAccountName') === '') errors.push(...forbidTokens(spec));
  const images = ['containers', 'initContainers'].flatMap((key) =>
    structs(spec, key).flatMap((container, index) => validateImageName(container, `spec.${key}[${index}]`)),
  );
  return [...errors, ...images];
}

/** The problems of a Pod template. */
export function validatePodTemplate(template: JsonObject, path: string): FieldError[] {
  const metadata = struct(template, 'metadata');
  const spec = struct(template, 'spec');
  const errors = [
    ...validateLabels(metadata, 'labels', `${path}.labels`),
    ...validateAnnotations(metadata, `${path}.annotations`),
    ...validatePodAnnotations(template, `${path}.annotations`),
    ...validateSpec(spec, `${path}.spec`, { isPod: false, podName: '' }),
  ];
  if (structs(spec, 'ephemeralContainers').length > 0) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, detail));
  }
  return errors;
}

function forbidTokens(spec: JsonObject): FieldError[] {
  return structs(spec, 'volumes').flatMap((volume, index) =>
    structs(struct(volume, 'projected'), 'sources').flatMap((source, at) =>
      has(source, 'serviceAccountToken')
        ? [
            forbidden(
              `spec.volumes[${index}].projected.sources[${at}].serviceAccountToken`,
              'must not be specified when serviceAccountName is not set',
            ),
          ]
        : [],
    ),
  );
}

function validateSpec(spec: JsonObject, path: string, owner: VolumeOwner): FieldError[] {
  const volumes = validateVolumes(structs(spec, 'volumes'), `${path}.volumes`, owner);
  const claims = structs(spec, 'resourceClaims');
  const context: ContainerContext = {
    volumes: volumes.valid,
    gracePeriodSeconds: number(spec, 'terminationGracePeriodSeconds'),
    neverRestarts: text(spec, 'restartPolicy') === 'Never',
    claims: new Set(claims.map((claim) => text(claim, 'name'))),
    hostUsers: !has(spec, 'hostUsers') || flag(spec, 'hostUsers'),
  };
  const containers = structs(spec, 'containers');
  const init = structs(spec, 'initContainers');
  return [
    ...volumes.errors,
    ...validateResourceClaims(claims, `${path}.resourceClaims`),
    ...validateContainers(containers, `${path}.containers`, context),
    ...validateInitContainers(init, containers, `${path}.initContainers`, context),
    ...validateEphemeralContainers(spec, `${path}.ephemeralContainers`, context),
    ...validateHostNetworkPorts(spec, path, owner.isPod),
    ...validateChoice(path, spec, 'restartPolicy', ['Always', 'OnFailure', 'Never']),
    ...validateChoice(path, spec, 'dnsPolicy', [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateLabels(spec, 'nodeSelector', `${path}.nodeSelector`),
    ...validatePodSecurity(spec, `${path}.securityContext`),
    ...validatePullSecrets(spec, path),
    ...validateAffinity(struct(spec, 'affinity'), `${path}.affinity`),
    ...validateDnsConfig(spec, path),
    ...validateGates(spec, path),
    ...validateSpread(structs(spec, 'topologySpreadConstraints'), `${path}.topologySpreadConstraints`),
    ...validateHostUsers(spec, path, context.hostUsers),
    ...validateHostnameOverride(spec, path),
    ...validateNames(spec, path),
    ...validateTolerations(structs(spec, 'tolerations'), `${path}.tolerations`),
    ...validateHostAliases(structs(spec, 'hostAliases'), `${path}.hostAliases`),
    ...validatePriority(spec, path),
    ...validateResourceRequirements({ limits: struct(spec, 'overhead') }, `${path}.overhead`, new Set()),
    ...validateOperatingSystem(spec, path),
    ...validateFileVolumes(spec, path),
  ];
}

/** Source: validatePodResourceClaim. */
function validateResourceClaims(claims: readonly JsonObject[], path: string): FieldError[] {
  const names = new Set<string>();
  const sources = ['resourceClaimName', 'resourceClaimTemplateName'];
  return claims.flatMap((claim, index) => {
    const here = `${path}[${index}]`;
    const name = text(claim, 'name');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${here}.name`));
    else if (names.has(name)) errors.push(duplicate(`${here}.name`, name));
    else errors.push(...validateText(`${here}.name`, name, checkDns1123Label));
    names.add(name);
    const given = sources.filter((key) => has(claim, key));
    const shown = internalForm('PodResourceClaim', claim);
    const either = sources.map((key) => `\`${key}\``);
    if (given.length === 2) {
      errors.push(invalid(here, shown, `at most one of ${either.join(' or ')} may be specified`));
    }
    if (given.length === 0) errors.push(invalid(here, shown, `must specify one of: ${either.join(', ')}`));
    return [
      ...errors,
      ...given.flatMap((key) => validateText(`${here}.${key}`, text(claim, key), checkDns1123Subdomain)),
    ];
  });
}

/** Source: validateHostUsers. */
function validateHostUsers(spec: JsonObject, path: string, hostUsers: boolean): FieldError[] {
  if (hostUsers) return [];
  const detail = 'when `hostUsers` is false';
  const shared = [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const;
  return [
    ...shared.flatMap(([key, shown]) => (flag(spec, key) ? [forbidden(`${path}.${shown}`, detail)] : [])),
    ...containersWithPaths(spec, path).flatMap(([container, at]) =>
      structs(container, 'volumeDevices').length > 0 ? [forbidden(`${at}.volumeDevices`, detail)] : [],
    ),
  ];
}

/** Variables that a file holds need it in a volume that is the Pod's own. Source: validateFileKeyRefVolumes. */
function validateFileVolumes(spec: JsonObject, path: string): FieldError[] {
  const volumes = new Map(structs(spec, 'volumes').map((volume) => [text(volume, 'name'), volume]));
  return containersWithPaths(spec, path).flatMap(([container, at]) =>
    structs(container, 'env').flatMap((variable, index) => {
      const source = struct(variable, 'valueFrom');
      if (!has(source, 'fileKeyRef')) return [];
      const here = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      const name = text(struct(source, 'fileKeyRef'), 'volumeName');
      const volume = volumes.get(name);
      if (volume === undefined) return [notFound(here, name)];
      if (has(volume, 'emptyDir')) return [];
      return [invalid(here, name, 'referenced volume must be of type emptyDir')];
    }),
  );
}

/** Source: validatePodHostName. */
function validateHostnameOverride(spec: JsonObject, path: string): FieldError[] {
  if (!has(spec, 'hostnameOverride')) return [];
  const here = `${path}.hostnameOverride`;
  const name = text(spec, 'hostnameOverride');
  const errors: FieldError[] = [];
  for (const key of ['setHostnameAsFQDN', 'hostNetwork']) {
    if (flag(spec, key)) errors.push(forbidden(here, `may not be specified when ${key} is true`));
  }
  if (name.length > maxHostnameOverride) errors.push(tooLong(here, maxHostnameOverride));
  return [...errors, ...validateText(here, name, checkDns1123Subdomain)];
}

/** Linux' bound of host names. */
const maxHostnameOverride = 64;

function validateHostNetworkPorts(spec: JsonObject, path: string, isPod: boolean): FieldError[] {
  if (!flag(spec, 'hostNetwork')) return [];
  return structs(spec, 'containers').flatMap((container, index) =>
    structs(container, 'ports').flatMap((port, at) => {
      const hostPort = number(port, 'hostPort') ?? 0;
      if ((!isPod && hostPort === 0) || hostPort === (number(port, 'containerPort') ?? 0)) return [];
      const detail = 'must match `containerPort` when `hostNetwork` is true';
      return [invalid(`${path}.containers[${index}].ports[${at}].hostPort`, hostPort, detail)];
    }),
  );
}

function validatePullSecrets(spec: JsonObject, path: string): FieldError[] {
  return structs(spec, 'imagePullSecrets').flatMap((secret, index) =>
    Object.keys(secret).some((key) => key !== 'name')
      ? [invalid(`${path}.imagePullSecrets[${index}]`, secret, 'only name may be set')]
      : [],
  );
}

function validateDnsConfig(spec: JsonObject, path: string): FieldError[] {
  const here = `${path}.dnsConfig`;
  const config = struct(spec, 'dnsConfig');
  const nameservers = texts(config, 'nameservers');
  if (text(spec, 'dnsPolicy') === 'None') {
    if (!has(spec, 'dnsConfig')) return [required(here, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (nameservers.length === 0) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(`${here}.nameservers`, detail)];
    }
  }
  const errors: FieldError[] = [];
  if (nameservers.length > maxNameservers) {
    errors.push(
      invalid(
        `${here}.nameservers`,
        [...nameservers],
        `must not have more than ${maxNameservers} nameservers`,
      ),
    );
  }
  errors.push(
    ...nameservers.flatMap((server, index) => validateLegacyAddress(`${here}.nameservers[${index}]`, server)),
  );
  const searches = texts(config, 'searches');
  const shown = [...searches];
  if (searches.length > maxSearchPaths) {
    errors.push(invalid(`${here}.searches`, shown, `must not have more than ${maxSearchPaths} search paths`));
  }
  if (searches.join(' ').length > maxSearchListChars) {
    const detail = `must not have more than ${maxSearchListChars} characters (including spaces) in the search list`;
    errors.push(invalid(`${here}.searches`, shown, detail));
  }
  errors.push(...searches.flatMap((search, index) => validateSearch(`${here}.searches[${index}]`, search)));
  for (const [index, option] of structs(config, 'options').entries()) {
    if (text(option, 'name') === '') errors.push(required(`${here}.options[${index}]`, 'must not be empty'));
  }
  return errors;
}

/** A search path may be the root, and may have underscores since v1.34. */
function validateSearch(path: string, search: string): FieldError[] {
  if (search === '.') return [];
  const plain = search.replace(/\.$/, '');
  const label = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
  const isValid = plain.split('.').every((part) => /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/.test(part));
  if (isValid) return [];
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  const detail = `${rule} (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`;
  return [invalid(path, plain, detail)];
}

function validateNames(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['serviceAccountName', 'nodeName']) {
    const name = text(spec, key);
    if (name !== '') errors.push(...validateText(`${path}.${key}`, name, checkDns1123Subdomain));
  }
  const deadline = number(spec, 'activeDeadlineSeconds');
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32)) {
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, rangeError(1, maxInt32)));
  }
  for (const key of ['hostname', 'subdomain']) {
    const name = text(spec, key);
    if (name !== '') errors.push(...validateText(`${path}.${key}`, name, checkDns1123Label));
  }
  return errors;
}

function validateHostAliases(aliases: readonly JsonObject[], path: string): FieldError[] {
  return aliases.flatMap((alias, index) => [
    ...validateLegacyAddress(`${path}[${index}].ip`, text(alias, 'ip')),
    ...texts(alias, 'hostnames').flatMap((name, at) =>
      validateText(`${path}[${index}].hostnames[${at}]`, name, checkDns1123Subdomain),
    ),
  ]);
}

function validatePriority(spec: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const className = text(spec, 'priorityClassName');
  if (className !== '')
    errors.push(...validateText(`${path}.priorityClassName`, className, checkDns1123Subdomain));
  if (has(spec, 'runtimeClassName')) {
    const name = text(spec, 'runtimeClassName');
    errors.push(...validateText(`${path}.runtimeClassName`, name, checkDns1123Subdomain));
  }
  if (!has(spec, 'preemptionPolicy')) return errors;
  return [...errors, ...validateChoice(path, spec, 'preemptionPolicy', ['PreemptLowerPriority', 'Never'])];
}
