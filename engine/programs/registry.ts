/** Every program that can run on a machine, by the name that executables refer to. */
import type { Program } from '../net/process/syscalls.ts';
import { createBusybox } from './applets/busybox.ts';
import { expr } from './applets/expr.ts';
import { fileApplets } from './applets/files.ts';
import { chmod, find } from './applets/find.ts';
import { systemApplets } from './applets/system.ts';
import { textApplets } from './applets/text.ts';
import { agnhost } from './servers/agnhost.ts';
import { apache } from './servers/apache.ts';
import { coredns } from './servers/coredns.ts';
import { bootcamp, helloGoGke, hpaExample, stress, wordpress } from './servers/demo-servers.ts';
import { envoy } from './servers/envoy.ts';
import { envoyGateway } from './servers/envoy-gateway.ts';
import { busyboxHttpd, python } from './servers/file-servers.ts';
import { guestbook } from './servers/guestbook.ts';
import { dumbInit, ingressNginx } from './servers/ingress-nginx.ts';
import { nginx, nginxEntrypoint } from './servers/nginx.ts';
import { node } from './servers/node.ts';
import { pause } from './servers/pause.ts';
import { redisCli } from './servers/redis-client.ts';
import { echoserver, helloApp, httpEcho, nodeGreeter, whoamiServer } from './servers/small-servers.ts';
import { mysql, mysqladmin, pgIsReady, psql } from './servers/store-clients.ts';
import { mariadbd, memcached, mongod, mysqld, postgres, redisServer } from './servers/stores.ts';
import { sh } from './shell/sh.ts';
import { bridge } from './tools/bridge.ts';
import { conntrack } from './tools/conntrack.ts';
import { crictl } from './tools/crictl.ts';
import { curl } from './tools/curl.ts';
import { dig } from './tools/dig.ts';
import { getent } from './tools/getent.ts';
import { host } from './tools/host.ts';
import { arp, ifconfig, route } from './tools/ifconfig.ts';
import { ip } from './tools/ip.ts';
import { ipBusybox } from './tools/ip-busybox.ts';
import { ipset } from './tools/ipset.ts';
import { iptables, iptablesRestore, iptablesSave } from './tools/iptables.ts';
import { mtr } from './tools/mtr.ts';
import { nc, ncBusybox } from './tools/nc.ts';
import { netstat } from './tools/netstat.ts';
import { nslookup, nslookupBusybox, nslookupOldBusybox } from './tools/nslookup.ts';
import { openssl } from './tools/openssl.ts';
import { perl } from './tools/perl.ts';
import { ping, pingBusybox } from './tools/ping.ts';
import { ss } from './tools/ss.ts';
import { sysctl } from './tools/sysctl.ts';
import { systemctl } from './tools/systemctl.ts';
import { tar, tarBusybox } from './tools/tar.ts';
import { tcpdump } from './tools/tcpdump.ts';
import { telnet } from './tools/telnet.ts';
import { tracepath } from './tools/tracepath.ts';
import { traceroute } from './tools/traceroute.ts';
import { wget } from './tools/wget.ts';

/** What busybox holds. */
const applets: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...fileApplets,
  ...textApplets,
  ...systemApplets,
  ['chmod', chmod],
  ['expr', expr],
  ['find', find],
  ['sh', sh],
  ['wget', wget],
  ['httpd', busyboxHttpd],
  ['arp', arp],
  ['ifconfig', ifconfig],
  ['ip', ipBusybox],
  ['nc', ncBusybox],
  ['route', route],
  ['netstat', netstat],
  ['nslookup', nslookupBusybox],
  ['ping', pingBusybox],
  ['tar', tarBusybox],
  ['telnet', telnet],
  ['traceroute', traceroute],
]);

/** The programs. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...applets,
  ['busybox', createBusybox(applets)],
  ['bridge', bridge],
  ['busybox-arp', arp],
  ['busybox-ifconfig', ifconfig],
  ['busybox-ip', ipBusybox],
  ['busybox-nc', ncBusybox],
  ['busybox-route', route],
  ['conntrack', conntrack],
  ['busybox-nslookup', nslookupBusybox],
  ['busybox-old-nslookup', nslookupOldBusybox],
  ['busybox-ping', pingBusybox],
  ['busybox-tar', tarBusybox],
  ['dig', dig],
  ['getent', getent],
  ['host', host],
  ['ip', ip],
  ['mtr', mtr],
  ['nc', nc],
  ['nslookup', nslookup],
  ['openssl', openssl],
  ['ping', ping],
  ['ss', ss],
  ['sysctl', sysctl],
  ['tcpdump', tcpdump],
  ['systemctl', systemctl],
  ['tracepath', tracepath],
  ['tar', tar],
  ['agnhost', agnhost],
  ['apache', apache],
  ['mariadbd', mariadbd],
  ['memcached', memcached],
  ['mongod', mongod],
  ['mysql', mysql],
  ['mysqladmin', mysqladmin],
  ['pg-isready', pgIsReady],
  ['psql', psql],
  ['mysqld', mysqld],
  ['node', node],
  ['postgres', postgres],
  ['python', python],
  ['gb-frontend', guestbook],
  ['redis-cli', redisCli],
  ['redis-server', redisServer],
  ['coredns', coredns],
  ['crictl', crictl],
  ['curl', curl],
  ['echoserver', echoserver],
  ['envoy', envoy],
  ['envoy-gateway', envoyGateway],
  ['hello-app', helloApp],
  ['http-echo', httpEcho],
  ['ipset', ipset],
  ['iptables', iptables],
  ['iptables-restore', iptablesRestore],
  ['iptables-save', iptablesSave],
  ['dumb-init', dumbInit],
  ['nginx', nginx],
  ['nginx-ingress-controller', ingressNginx],
  ['nginx-entrypoint', nginxEntrypoint],
  ['node-greeter', nodeGreeter],
  ['bootcamp', bootcamp],
  ['hello-go-gke', helloGoGke],
  ['hpa-example', hpaExample],
  ['pause', pause],
  ['perl', perl],
  ['stress', stress],
  ['wordpress', wordpress],
  ['whoami-server', whoamiServer],
]);
