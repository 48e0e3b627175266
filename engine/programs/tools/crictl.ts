/**
 * crictl: looks at the sandboxes, containers and images of a node, and stops, enters and removes them. It asks the container
 * runtime, which answers through the host service `cri`. Left out: what makes sandboxes and containers by hand, statistics,
 * events, Go templates. Source: kubernetes-sigs/cri-tools v1.36, cmd/crictl.
 */
import { isJsonObject } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';
import {
  execInContainer,
  feedExec,
  pullImage,
  removeContainers,
  removeImages,
  showLogs,
  stopContainers,
} from './crictl-act.ts';
import { inspectEach, listContainers, listImages, listPods } from './crictl-list.ts';
import { fatal } from './crictl-runtime.ts';

const globalOptions = {
  flags: { D: 'debug', debug: 'debug', h: 'help', help: 'help', v: 'version', version: 'version' },
  values: {
    r: 'runtime-endpoint',
    'runtime-endpoint': 'runtime-endpoint',
    i: 'image-endpoint',
    'image-endpoint': 'image-endpoint',
    c: 'config',
    config: 'config',
    timeout: 'timeout',
  },
  stopAtOperand: true,
} as const;

const commandOptions = {
  flags: {
    a: 'all',
    all: 'all',
    q: 'quiet',
    quiet: 'quiet',
    'no-trunc': 'no-trunc',
    l: 'latest',
    latest: 'latest',
    timestamps: 'timestamps',
    digests: 'digests',
    pinned: 'pinned',
    v: 'verbose',
    verbose: 'verbose',
    f: 'follow',
    follow: 'follow',
    force: 'force',
    k: 'keep-logs',
    'keep-logs': 'keep-logs',
    h: 'help',
    help: 'help',
  },
  values: {
    o: 'output',
    output: 'output',
    name: 'name',
    namespace: 'namespace',
    p: 'pod',
    pod: 'pod',
    s: 'state',
    state: 'state',
    id: 'id',
    image: 'image',
    label: 'label',
    n: 'last',
    last: 'last',
    tail: 'tail',
  },
} as const;

/** Letters that mean something else for one command. */
const optionsOf = (command: string) => {
  const { flags, values } = commandOptions;
  if (command === 'stop') return { flags, values: { ...values, t: 'timeout', timeout: 'timeout' } };
  if (command === 'logs') return { flags: { ...flags, t: 'timestamps' }, values };
  if (command === 'rm') return { flags: { ...flags, f: 'force' }, values };
  if (command !== 'exec') return commandOptions;
  const execFlags = {
    i: 'interactive',
    interactive: 'interactive',
    t: 'tty',
    tty: 'tty',
    s: 'sync',
    sync: 'sync',
  };
  return { flags: execFlags, values: { timeout: 'timeout' }, stopAtOperand: true };
};

/** crictl. */
export const crictl: Program = function* ({ argv, resume }) {
  if (isJsonObject(resume) && resume.at === 'exec-input') return yield* feedExec(Number(resume.pid));
  const global = parseArguments(argv.slice(1), globalOptions);
  if (!global.ok) return yield* unknownOption(global.error.option);
  if (global.value.flags.has('version')) {
    yield* sys.print('crictl version v1.36.0\n');
    return 0;
  }
  const [command = 'help', ...rest] = global.value.operands;
  const parsed = parseArguments(rest, optionsOf(command));
  if (!parsed.ok) return yield* unknownOption(parsed.error.option);
  if (global.value.flags.has('help') || parsed.value.flags.has('help') || ['help', 'h'].includes(command)) {
    yield* sys.print(usage);
    return 0;
  }
  return yield* run(command, parsed.value);
};

function* unknownOption(option: string): sys.Sys<number> {
  return yield* fatal(`flag provided but not defined: ${option.replace(/^--/, '-')}`);
}

function* run(command: string, options: ParsedArguments): sys.Sys<number> {
  const { operands } = options;
  switch (command) {
    case 'pods':
      return yield* listPods(options);
    case 'ps':
      return yield* listContainers(options);
    case 'images':
    case 'image':
    case 'img':
      return yield* listImages(options);
    case 'inspect':
      return yield* inspectEach(options, 'container', operands);
    case 'inspectp':
      return yield* inspectEach(options, 'sandbox', operands);
    case 'logs':
      return yield* showLogs(options, operands);
    case 'exec':
      return yield* execInContainer(options, operands);
    case 'stop':
      return yield* stopContainers(options, operands);
    case 'rm':
      return yield* removeContainers(options, operands);
    case 'pull':
      return yield* pullImage(operands);
    case 'rmi':
      return yield* removeImages(operands);
    case 'version':
      yield* sys.print(
        'Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.2.0\nRuntimeApiVersion:  v1\n',
      );
      return 0;
    default:
      if (leftOut.has(command)) {
        yield* sys.printError(`crictl: ${command} is not simulated\n`);
        return 1;
      }
      yield* sys.printError(`No help topic for '${command}'\n`);
      return 3;
  }
}

const leftOut: ReadonlySet<string> = new Set(
  'attach create run runp start update stopp rmp port-forward stats statsp info events config completion checkpoint inspecti imagefsinfo'.split(
    ' ',
  ),
);

const usage = `NAME:
   crictl - client for CRI

USAGE:
   crictl [global options] command [command options] [arguments...]

COMMANDS:
   exec                Run a command in a running container
   images, image, img  List images
   inspect             Display the status of one or more containers
   inspectp            Display the status of one or more pods
   logs                Fetch the logs of a container
   pods                List pods
   ps                  List containers
   pull                Pull an image from a registry
   rm                  Remove one or more containers
   rmi                 Remove one or more images
   stop                Stop one or more running containers
   version             Display runtime version information
`;
