/**
 * The rules of Services. Ranges of addresses and node ports are the allocators' concern, not validation's.
 * Source: ValidateServiceCreate and ValidateServiceUpdate in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, required } from '../field-errors.ts';
import { asJson, has, number, struct, structs, text, textMap, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';
import {
  protocols,
  validateChoice,
  validateOptionalChoice,
  validatePortNumberOrName,
  validateText,
} from './fields.ts';
import { validateEndpointAddress, validateLegacyAddress, validateLegacyNetwork } from './ip.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkPortNumber, checkQualifiedName } from './names.ts';
import { validateLabels } from './object-meta.ts';
import { validateClusterIPs, validateFamilyChange } from './service-addresses.ts';

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Longest time for which a client is sent to the same Pod: a day. Source: MaxClientIPServiceAffinitySeconds. */
const maxAffinitySeconds = 86_400;

/** The problems of a new Service besides its metadata. */
export function validateService(service: JsonObject): FieldError[] {
  return validateSpec(service, undefined);
}

/** The problems of a changed Service. */
export function validateServiceUpdate(service: JsonObject, oldObject: KubeObject): FieldError[] {
  const old = asJson(oldObject);
  const spec = struct(service, 'spec');
  const before = struct(old, 'spec');
  const errors = validateFamilyChange(spec, before);
  if (
    isLoadBalancer(before) &&
    isLoadBalancer(spec) &&
    text(before, 'loadBalancerClass') !== text(spec, 'loadBalancerClass')
  ) {
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  }
  errors.push(...validateLoadBalancerClass(spec));
  if (
    needsHealthCheck(before) &&
    needsHealthCheck(spec) &&
    before.healthCheckNodePort !== spec.healthCheckNodePort
  ) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return [...errors, ...validateSpec(service, before)];
}

function validateSpec(service: JsonObject, before: JsonObject | undefined): FieldError[] {
  const spec = struct(service, 'spec');
  const type = text(spec, 'type');
  const ports = structs(spec, 'ports');
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') errors.push(required('spec.ports'));
  errors.push(...validateByType(spec));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    errors.push(...validatePort(`spec.ports[${index}]`, port, { needsName: ports.length > 1, names }));
  }
  errors.push(...validateLabels(spec, 'selector', 'spec.selector'), ...validateAffinity(spec));
  errors.push(...validateClusterIPs(spec, before), ...validateExternalIPs(spec, before));
  errors.push(...validateChoice('spec', spec, 'type', serviceTypes), ...validatePortsTogether(spec));
  errors.push(...validateSourceRanges(service, before));
  if (has(spec, 'allocateLoadBalancerNodePorts') && !isLoadBalancer(spec)) {
    errors.push(
      forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"),
    );
  }
  return [...errors, ...validateLoadBalancerClass(spec), ...validateTrafficPolicies(spec)];
}

/** Whether a Service has no address of its own. */
function isHeadless(spec: JsonObject): boolean {
  return text(spec, 'type') !== 'ExternalName' && texts(spec, 'clusterIPs')[0] === 'None';
}

function isLoadBalancer(spec: JsonObject): boolean {
  return text(spec, 'type') === 'LoadBalancer';
}

function needsHealthCheck(spec: JsonObject): boolean {
  return isLoadBalancer(spec) && text(spec, 'externalTrafficPolicy') === 'Local';
}

function validateByType(spec: JsonObject): FieldError[] {
  const type = text(spec, 'type');
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)];
  }
  if (type !== 'ExternalName') return [];
  const detail = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if (texts(spec, 'clusterIPs').length > 0) errors.push(forbidden('spec.clusterIPs', detail));
  if (texts(spec, 'ipFamilies').length > 0) errors.push(forbidden('spec.ipFamilies', detail));
  if (has(spec, 'ipFamilyPolicy')) errors.push(forbidden('spec.ipFamilyPolicy', detail));
  const target = text(spec, 'externalName').replace(/\.$/, '');
  if (target === '') return [...errors, required('spec.externalName')];
  return [...errors, ...validateText('spec.externalName', target, checkDns1123Subdomain)];
}

function validatePort(
  path: string,
  port: JsonObject,
  context: { needsName: boolean; names: Set<string> },
): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(port, 'name');
  if (name === '') {
    if (context.needsName) errors.push(required(`${path}.name`));
  } else {
    errors.push(...validateText(`${path}.name`, name, checkDns1123Label));
    if (context.names.has(name)) errors.push(duplicate(`${path}.name`, name));
    context.names.add(name);
  }
  const portNumber = number(port, 'port') ?? 0;
  errors.push(...checkPortNumber(portNumber).map((problem) => invalid(`${path}.port`, portNumber, problem)));
  errors.push(...validateChoice(path, port, 'protocol', protocols));
  errors.push(...validatePortNumberOrName(`${path}.targetPort`, port.targetPort));
  if (has(port, 'appProtocol')) {
    errors.push(...validateText(`${path}.appProtocol`, text(port, 'appProtocol'), checkQualifiedName));
  }
  return errors;
}

function validatePortsTogether(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const ports = [...structs(spec, 'ports').entries()];
  if (text(spec, 'type') === 'ClusterIP') {
    for (const [index, port] of ports) {
      if ((number(port, 'nodePort') ?? 0) === 0) continue;
      errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const [index, port] of ports) {
    const nodePort = number(port, 'nodePort') ?? 0;
    const key = `${text(port, 'protocol')} ${nodePort}`;
    if (nodePort !== 0 && nodePorts.has(key))
      errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  const seen = new Set<string>();
  for (const [index, port] of ports) {
    const key = `${text(port, 'protocol')} ${number(port, 'port')}`;
    if (seen.has(key)) errors.push(duplicate(`spec.ports[${index}]`, internalPort(port)));
    seen.add(key);
  }
  return errors;
}

/** Upstream prints the duplicate as its internal Go struct, with Go's field names. */
function internalPort(port: JsonObject): JsonObject {
  return {
    Name: '',
    Protocol: text(port, 'protocol'),
    AppProtocol: null,
    Port: number(port, 'port') ?? 0,
    TargetPort: 0,
    NodePort: 0,
  };
}

function validateAffinity(spec: JsonObject): FieldError[] {
  const errors = validateChoice('spec', spec, 'sessionAffinity', ['ClientIP', 'None']);
  const affinity = text(spec, 'sessionAffinity');
  const path = 'spec.sessionAffinityConfig';
  if (affinity === 'None' && has(spec, 'sessionAffinityConfig')) {
    errors.push(forbidden(path, 'must not be set when session affinity is None'));
  }
  if (affinity !== 'ClientIP') return errors;
  const config = struct(spec, 'sessionAffinityConfig');
  if (!has(spec, 'sessionAffinityConfig')) {
    return [...errors, required(path, 'when session affinity type is ClientIP')];
  }
  if (!has(config, 'clientIP'))
    return [...errors, required(`${path}.clientIP`, 'when session affinity type is ClientIP')];
  const timeout = number(struct(config, 'clientIP'), 'timeoutSeconds');
  if (timeout === undefined) {
    return [...errors, required(`${path}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP')];
  }
  if (timeout > 0 && timeout <= maxAffinitySeconds) return errors;
  const detail = `must be greater than 0 and less than ${maxAffinitySeconds}`;
  return [...errors, invalid(`${path}.clientIP.timeoutSeconds`, timeout, detail)];
}

function validateExternalIPs(spec: JsonObject, before: JsonObject | undefined): FieldError[] {
  const known = before === undefined ? [] : texts(before, 'externalIPs');
  return texts(spec, 'externalIPs').flatMap((address, index) => {
    const path = `spec.externalIPs[${index}]`;
    const errors = known.includes(address) ? [] : validateLegacyAddress(path, address);
    return errors.length > 0 ? errors : validateEndpointAddress(path, address);
  });
}

function validateSourceRanges(service: JsonObject, before: JsonObject | undefined): FieldError[] {
  const spec = struct(service, 'spec');
  const ranges = texts(spec, 'loadBalancerSourceRanges');
  const wrongType = "may only be used when `type` is 'LoadBalancer'";
  if (ranges.length > 0) {
    // Upstream's path has a capital letter here.
    const path = 'spec.LoadBalancerSourceRanges';
    const errors = isLoadBalancer(spec) ? [] : [forbidden(path, wrongType)];
    const known =
      before === undefined ? [] : texts(before, 'loadBalancerSourceRanges').map((range) => range.trim());
    return [
      ...errors,
      ...ranges.flatMap((range, index) =>
        known.includes(range.trim()) ? [] : validateLegacyNetwork(`${path}[${index}]`, range.trim()),
      ),
    ];
  }
  const annotation = textMap(struct(service, 'metadata'), 'annotations').get(sourceRangesAnnotation);
  if (annotation === undefined) return [];
  const path = `metadata.annotations[${sourceRangesAnnotation}]`;
  const errors = isLoadBalancer(spec) ? [] : [forbidden(path, wrongType)];
  if (annotation.trim() === '') return errors;
  return [...errors, ...annotation.split(',').flatMap((range) => validateLegacyNetwork(path, range.trim()))];
}

function validateLoadBalancerClass(spec: JsonObject): FieldError[] {
  if (!has(spec, 'loadBalancerClass')) return [];
  const path = 'spec.loadBalancerClass';
  if (!isLoadBalancer(spec)) return [forbidden(path, "may only be used when `type` is 'LoadBalancer'")];
  return validateText(path, text(spec, 'loadBalancerClass'), checkQualifiedName);
}

function validateTrafficPolicies(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const type = text(spec, 'type');
  const policy = text(spec, 'externalTrafficPolicy');
  const isExternal =
    type === 'LoadBalancer' ||
    type === 'NodePort' ||
    (type === 'ClusterIP' && texts(spec, 'externalIPs').length > 0);
  if (isExternal) {
    errors.push(...validateChoice('spec', spec, 'externalTrafficPolicy', ['Cluster', 'Local']));
  } else if (policy !== '') {
    const detail = 'may only be set for externally-accessible services';
    errors.push(invalid('spec.externalTrafficPolicy', policy, detail));
  }
  const healthPort = number(spec, 'healthCheckNodePort') ?? 0;
  const healthPath = 'spec.healthCheckNodePort';
  if (!needsHealthCheck(spec)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (healthPort !== 0) errors.push(invalid(healthPath, healthPort, detail));
  } else if (healthPort === 0) {
    errors.push(required(healthPath));
  } else {
    errors.push(...checkPortNumber(healthPort).map((problem) => invalid(healthPath, healthPort, problem)));
  }
  if (has(spec, 'internalTrafficPolicy')) {
    errors.push(...validateOptionalChoice('spec', spec, 'internalTrafficPolicy', ['Cluster', 'Local']));
  } else if (type === 'NodePort' || type === 'LoadBalancer' || type === 'ClusterIP') {
    errors.push(required('spec.internalTrafficPolicy'));
  }
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  return [...errors, ...validateOptionalChoice('spec', spec, 'trafficDistribution', distributions)];
}
