/**
 * What the API server warns of in Services. Source: pkg/api/service/warnings.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { struct, text, textMap, texts } from '../read.ts';
import { addressWarnings, networkWarnings } from '../validation/ip.ts';

const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';

/** The warnings, in the server's order. */
export function serviceWarnings(service: JsonObject): readonly string[] {
  const spec = struct(service, 'spec');
  const type = text(spec, 'type');
  const clusterIP = text(spec, 'clusterIP');
  const externalIPs = texts(spec, 'externalIPs');
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None';
  const warnings: string[] = [];
  if (textMap(struct(service, 'metadata'), 'annotations').has(hintsAnnotation)) {
    warnings.push(
      `annotation ${hintsAnnotation} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    );
  }
  if (clusterIP !== '' && clusterIP !== 'None') {
    warnings.push(
      ...texts(spec, 'clusterIPs').flatMap((ip, index) => addressWarnings(`spec.clusterIPs[${index}]`, ip)),
    );
  }
  if (isHeadless) {
    if (text(spec, 'loadBalancerIP') !== '')
      warnings.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (text(spec, 'sessionAffinity') !== 'None') {
      warnings.push('spec.SessionAffinity is ignored for headless services');
    }
  }
  warnings.push(...externalIPs.flatMap((ip, index) => addressWarnings(`spec.externalIPs[${index}]`, ip)));
  if (externalIPs.length > 0 && !isHeadless && type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  const loadBalancerIP = text(spec, 'loadBalancerIP');
  if (loadBalancerIP !== '') warnings.push(...addressWarnings('spec.loadBalancerIP', loadBalancerIP));
  const ranges = texts(spec, 'loadBalancerSourceRanges');
  warnings.push(
    ...ranges.flatMap((range, index) => networkWarnings(`spec.loadBalancerSourceRanges[${index}]`, range)),
  );
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (type !== 'ExternalName' && text(spec, 'externalName') !== '') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (text(spec, 'trafficDistribution') === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
