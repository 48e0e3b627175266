/** Every program that can run on a machine, by the name that executables refer to. */
import type { Program } from '../net/process/syscalls.ts';
import { createBusybox } from './applets/busybox.ts';
import { fileApplets } from './applets/files.ts';
import { systemApplets } from './applets/system.ts';
import { textApplets } from './applets/text.ts';
import { agnhost } from './servers/agnhost.ts';
import { coredns } from './servers/coredns.ts';
import { nginx, nginxEntrypoint } from './servers/nginx.ts';
import { pause } from './servers/pause.ts';
import { echoserver, helloApp, httpEcho, nodeGreeter, whoamiServer } from './servers/small-servers.ts';
import { sh } from './shell/sh.ts';
import { crictl } from './tools/crictl.ts';
import { curl } from './tools/curl.ts';
import { iptables, iptablesSave } from './tools/iptables.ts';
import { wget } from './tools/wget.ts';

/** What busybox holds. */
const applets: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...fileApplets,
  ...textApplets,
  ...systemApplets,
  ['sh', sh],
  ['wget', wget],
]);

/** The programs. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...applets,
  ['busybox', createBusybox(applets)],
  ['agnhost', agnhost],
  ['coredns', coredns],
  ['crictl', crictl],
  ['curl', curl],
  ['echoserver', echoserver],
  ['hello-app', helloApp],
  ['http-echo', httpEcho],
  ['iptables', iptables],
  ['iptables-save', iptablesSave],
  ['nginx', nginx],
  ['nginx-entrypoint', nginxEntrypoint],
  ['node-greeter', nodeGreeter],
  ['pause', pause],
  ['whoami-server', whoamiServer],
]);
