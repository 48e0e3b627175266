/**
 * /etc/resolv.conf of Pods by dnsPolicy and dnsConfig. Source: GetPodDNS, getPodDNSType and appendDNSConfig in
 * pkg/kubelet/network/dns/dns.go of Kubernetes v1.36, and its table TestGetPodDNS; the node's own file names 172.18.0.1.
 */
import { expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';

const cluster = createCluster({ seed: 'resolv.conf' });

const clusterFirst = {
  search: 'search default.svc.cluster.local svc.cluster.local cluster.local\n',
  nameserver: 'nameserver 10.96.0.10\n',
  options: 'options ndots:5\n',
};
const inCluster = `${clusterFirst.search}${clusterFirst.nameserver}${clusterFirst.options}`;
const ofNode = 'nameserver 172.18.0.1\noptions ndots:0\n';
const dnsConfig =
  '{nameservers: [9.9.9.9, 10.96.0.10], searches: [x.org, cluster.local], options: [{name: ndots, value: "2"}, {name: edns0}]}';

it.each([
  { name: 'none', spec: '', want: inCluster },
  { name: 'ClusterFirst', spec: 'dnsPolicy: ClusterFirst', want: inCluster },
  { name: 'Default', spec: 'dnsPolicy: Default', want: ofNode },
  { name: 'ClusterFirst on the host network', spec: 'hostNetwork: true', want: ofNode },
  {
    name: 'ClusterFirstWithHostNet on the host network',
    spec: 'hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet',
    want: inCluster,
  },
  {
    name: 'None with only what dnsConfig says',
    spec: 'dnsPolicy: None, dnsConfig: {nameservers: [1.2.3.4], searches: [a.b]}',
    want: 'search a.b\nnameserver 1.2.3.4\n',
  },
  {
    name: 'ClusterFirst, to which dnsConfig adds',
    spec: `dnsConfig: ${dnsConfig}`,
    want: `${clusterFirst.search.trimEnd()} x.org\n${clusterFirst.nameserver}nameserver 9.9.9.9\noptions ndots:2 edns0\n`,
  },
])('follows dnsPolicy: $name', async ({ spec, want }) => {
  const container = 'containers: [{name: c, image: "busybox:1.36", command: [sleep, "9999"]}]';
  const manifest = `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {${spec}${spec === '' ? '' : ', '}${container}}}\n`;
  const shell = await cluster.fork().openShell({ files: new Map([['pod.yaml', manifest]]) });
  await shell.run('kubectl apply -f pod.yaml');
  await shell.run('kubectl wait --for=condition=Ready pod/p');
  const { stdout, stderr } = await shell.run('kubectl exec p -- cat /etc/resolv.conf');
  expect(`${stdout}${stderr}`).toBe(want);
});
