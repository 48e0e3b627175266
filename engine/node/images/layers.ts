/** The file systems that images are made of: which commands lie where in each family of base images. */
import type { FileContent, FileLayer } from '../../net/linux.ts';
import { programs } from '../../programs/registry.ts';

/** Commands of the busybox image that are there besides the shell. */
const busyboxCommands = [
  '[',
  'arp',
  'basename',
  'busybox',
  'cat',
  'chmod',
  'cp',
  'cut',
  'date',
  'dirname',
  'echo',
  'egrep',
  'env',
  'expr',
  'false',
  'fgrep',
  'find',
  'grep',
  'head',
  'hostname',
  'httpd',
  'id',
  'ifconfig',
  'ip',
  'kill',
  'ls',
  'mkdir',
  'mv',
  'nc',
  'netstat',
  'nohup',
  'nslookup',
  'ping',
  'printenv',
  'printf',
  'ps',
  'pwd',
  'rm',
  'rmdir',
  'route',
  'sed',
  'seq',
  'sh',
  'sleep',
  'sort',
  'stty',
  'tail',
  'tar',
  'tee',
  'telnet',
  'test',
  'timeout',
  'touch',
  'tr',
  'traceroute',
  'true',
  'uname',
  'uniq',
  'wc',
  'wget',
  'which',
  'whoami',
  'xargs',
  'yes',
] as const;

/** What Debian's base image has of the commands that are simulated. */
const debianCommands = [
  '[',
  'basename',
  'cat',
  'cp',
  'cut',
  'date',
  'dirname',
  'echo',
  'egrep',
  'env',
  'false',
  'fgrep',
  'getent',
  'grep',
  'head',
  'hostname',
  'id',
  'kill',
  'ls',
  'mkdir',
  'mv',
  'nohup',
  'printenv',
  'printf',
  'pwd',
  'rm',
  'rmdir',
  'sed',
  'seq',
  'sleep',
  'sort',
  'stty',
  'tail',
  'tar',
  'tee',
  'test',
  'timeout',
  'touch',
  'tr',
  'true',
  'uname',
  'uniq',
  'wc',
  'which',
  'whoami',
  'xargs',
  'yes',
] as const;

/** A family of systems, whose tools of one name may differ: `busybox-nslookup` is not `nslookup`. */
type Family = 'busybox' | 'debian' | 'none';

/**
 * A layer of executables in one folder, those that there are programs for. `as` says which program stands behind a
 * command of another name.
 */
export function commandLayer(
  folder: string,
  commands: readonly string[],
  options: { readonly family?: Family; readonly as?: Readonly<Record<string, string>> } = {},
): FileLayer {
  const files = new Map<string, FileContent>();
  for (const command of commands) {
    const other =
      options.as !== undefined && Object.hasOwn(options.as, command) ? options.as[command] : undefined;
    const candidates = [other ?? command, ...(options.family === 'busybox' ? [`busybox-${command}`] : [])];
    const program = candidates.findLast((candidate) => programs.has(candidate));
    if (program !== undefined) files.set(`${folder}/${command}`, Object.freeze({ program }));
  }
  return { files };
}

/** The busybox image; its nslookup was another one before 1.29. */
export function busyboxLayers(options: { readonly oldNslookup?: boolean } = {}): readonly FileLayer[] {
  return [
    skeleton([['/etc/passwd', passwd('/bin/sh')]], ['/home/', '/var/www/']),
    commandLayer('/bin', busyboxCommands, { family: 'busybox' }),
    ...(options.oldNslookup === true
      ? [commandLayer('/bin', ['nslookup'], { as: { nslookup: 'busybox-old-nslookup' } })]
      : []),
    commandLayer('/usr/bin', ['env']),
  ];
}

/** The alpine image. */
export function alpineLayers(): readonly FileLayer[] {
  const release = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"\n';
  const own = busyboxCommands.filter((command) => command !== 'httpd');
  return [
    skeleton(
      [
        ['/etc/os-release', release],
        ['/etc/passwd', passwd('/bin/ash')],
      ],
      ['/home/'],
    ),
    commandLayer('/bin', [...own, 'ash'], { family: 'busybox', as: { ash: 'sh' } }),
    commandLayer('/usr/bin', ['getent', 'env']),
  ];
}

/** Debian's base image, and images that are built on it. */
export function debianLayers(id: 'debian' | 'ubuntu' = 'debian'): readonly FileLayer[] {
  const release =
    id === 'debian'
      ? 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
      : 'PRETTY_NAME="Ubuntu 24.04 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n';
  return [
    skeleton(
      [
        ['/etc/os-release', release],
        ['/etc/passwd', passwd('/bin/bash')],
      ],
      ['/home/', '/opt/', '/srv/'],
    ),
    commandLayer('/bin', ['bash', 'sh', ...debianCommands], { as: { bash: 'sh' } }),
    commandLayer('/usr/bin', ['env', 'getent']),
  ];
}

/** The network tools that images for finding faults bring, in /usr/bin. */
export function networkToolLayer(): FileLayer {
  return commandLayer('/usr/bin', [
    'bridge',
    'conntrack',
    'curl',
    'dig',
    'host',
    'ip',
    'iptables',
    'iptables-save',
    'nc',
    'netstat',
    'nslookup',
    'ping',
    'ss',
    'tcpdump',
    'mtr',
    'tracepath',
    'traceroute',
  ]);
}

/** A layer with these files. */
export function filesLayer(files: readonly (readonly [string, FileContent])[]): FileLayer {
  return { files: new Map(files) };
}

function skeleton(
  files: readonly (readonly [string, FileContent])[],
  directories: readonly string[],
): FileLayer {
  const common = [
    '/tmp/',
    '/root/',
    '/var/log/',
    '/var/run/',
    '/run/',
    '/etc/',
    '/usr/local/bin/',
    '/proc/',
    '/sys/',
    '/dev/',
    '/mnt/',
  ];
  return filesLayer([...[...common, ...directories].map((path) => [path, ''] as const), ...files]);
}

function passwd(shell: string): string {
  return `root:x:0:0:root:/root:${shell}\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`;
}
