/** The common tools of a system as a layer of files: what busybox's links or a distribution's packages put into PATH. */
import type { FileContent, FileLayer } from '../net/linux.ts';
import { programs } from './registry.ts';

/** A system that tools come with: container images, a host, and a node with what administers it. */
export type ToolSystem = 'busybox' | 'debian' | 'host' | 'node';

const everywhere =
  'sh cat ls echo printf env grep head tail wc sort date id whoami uname hostname sleep true false test seq mkdir rm touch ' +
  'cp mv tee kill cut tr sed uniq basename dirname pwd';

const hostTools = `${everywhere} bash ps getent curl openssl wget nslookup dig host nc ping traceroute tracepath mtr ip`;

const toolsOf: Readonly<Record<ToolSystem, string>> = {
  busybox: `${everywhere} ps httpd wget nslookup nc ping traceroute arp ifconfig ip netstat route`,
  debian: `${everywhere} bash getent`,
  host: hostTools,
  node: `${hostTools} ss netstat bridge ipset iptables iptables-save iptables-restore conntrack sysctl tcpdump crictl systemctl`,
};

/** The tools of a system that there are programs for. */
export function toolLayer(system: ToolSystem): FileLayer {
  const files = new Map<string, FileContent>();
  for (const name of toolsOf[system].split(' ')) {
    const program = [`${system}-${name}`, name].find((candidate) => programs.has(candidate));
    if (program !== undefined) files.set(`/bin/${name}`, Object.freeze({ program }));
  }
  return { files };
}
