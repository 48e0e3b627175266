import { expect, it } from 'vitest';
import { endpointChainNames, serviceChainNames } from './chain-names.ts';

/** Source: names in the expectations of pkg/proxy/iptables/proxier_test.go. */
it.each([
  ['ns1/svc1:p80', 'tcp', 'XPGD46QRK7WJZT7O'],
  ['ns2/svc2:p80', 'tcp', 'GNZBNJ2PO5MGZ6GT'],
  ['ns4/svc4:p80', 'tcp', '4SW47YFZTEDKD3PK'],
  ['ns5/svc5:p80', 'tcp', 'NUKIZ6OKUXPJNT4C'],
])('names the chains of %s/%s by %s', (name, protocol, hash) => {
  expect(serviceChainNames(name, protocol)).toEqual({
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    firewall: `KUBE-FW-${hash}`,
    external: `KUBE-EXT-${hash}`,
  });
});

it.each([
  ['ns1/svc1:p80', '10.180.0.1:80', 'KUBE-SEP-SXIVWICOYRO3J4NJ'],
  ['ns4/svc4:p80', '10.180.0.5:80', 'KUBE-SEP-C6EBXVWJJZMIWKLZ'],
])('names the chain of endpoint %s at %s', (name, endpoint, chain) => {
  expect(endpointChainNames(name, 'tcp')(endpoint)).toBe(chain);
});
