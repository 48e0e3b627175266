/**
 * Names of the enforcer's chains. Source: pkg/controllers/netpol of kube-router: a prefix and the first 16 characters of
 * base32(sha256(text)). Differs: kube-router puts a version into the text, so that its chains are new at every sync.
 */
import { createHash } from 'node:crypto';
import type { PolicyDirection } from '../../api/objects/network-policies.ts';

/** RFC 4648's alphabet. */
const base32Letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hashLength = 16;

/** The chain of one policy in one direction. */
export function policyChainName(namespace: string, name: string, direction: PolicyDirection): string {
  return `KUBE-NWPLCY-${hashName(`${namespace}/${name}/${direction}`)}`;
}

/** A chain of addresses, named by what stands in it, so that rules that take the same ones share it. */
export function peerChainName(direction: PolicyDirection, rules: readonly string[]): string {
  const prefix = direction === 'Ingress' ? 'KUBE-SRC' : 'KUBE-DST';
  return `${prefix}-${hashName(rules.join('\n'))}`;
}

/** The chain of one address block with exceptions, named as {@link peerChainName} names. */
export function blockChainName(rules: readonly string[]): string {
  return `KUBE-BLK-${hashName(rules.join('\n'))}`;
}

/** The chain that decides about one Pod's traffic in one direction. */
export function podChainName(namespace: string, pod: string, direction: PolicyDirection): string {
  return `KUBE-POD-FW-${hashName(`${namespace}/${pod}/${direction}`)}`;
}

function hashName(text: string): string {
  let name = '';
  let bits = 0;
  let value = 0;
  for (const byte of createHash('sha256').update(text).digest().subarray(0, 10)) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && name.length < hashLength) {
      bits -= 5;
      name += base32Letters.charAt((value >>> bits) & 31);
    }
  }
  return name;
}
