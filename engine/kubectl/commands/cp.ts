/**
 * `kubectl cp`: files to and from containers, as archives that a `tar` in the container packs or unpacks.
 * Source: k8s.io/kubectl/pkg/cmd/cp. Texts only: the files of the shell are texts.
 */
import { ok } from '../../base/result.ts';
import { decodeArchive, encodeMember, endOfArchive } from '../../base/tar-archive.ts';
import type { Command } from '../cli/command.ts';
import { failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { type Captured, captureExec } from './capture-exec.ts';
import { chooseContainer } from './target-pod.ts';

export const cpCommand: Command = {
  name: 'cp',
  usage: '<file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  flags: [
    {
      name: 'container',
      short: 'c',
      type: 'string',
      usage: 'The container; without it the first, or the annotated one.',
    },
    {
      name: 'no-preserve',
      type: 'bool',
      initial: 'false',
      usage: 'Leaves owner and permissions to the container.',
    },
    { name: 'retries', type: 'int', initial: '0', usage: 'How often an interrupted copy is taken up again.' },
  ],
  run: runCp,
};

/** `[[NAMESPACE/]POD:]PATH` */
interface FileSpec {
  readonly namespace: string;
  /** Empty for a file of this machine. */
  readonly pod: string;
  readonly path: string;
}

async function runCp(invocation: Invocation): Promise<Outcome<void>> {
  const [from, to] = invocation.args;
  if (from === undefined || to === undefined || invocation.args.length > 2)
    return failure('source and destination are required');
  const source = parseSpec(invocation, from);
  if (!source.ok) return source;
  const target = parseSpec(invocation, to);
  if (!target.ok) return target;
  if (source.value.pod !== '' && target.value.pod !== '')
    return failure('one of src or dest must be a local file specification');
  if (source.value.path === '' || target.value.path === '') return failure('filepath can not be empty');
  if (source.value.pod !== '') return copyFromPod(invocation, source.value, target.value.path);
  if (target.value.pod !== '') return copyToPod(invocation, source.value.path, target.value);
  return failure('one of src or dest must be a remote file specification');
}

function parseSpec(invocation: Invocation, text: string): Outcome<FileSpec> {
  const colon = text.indexOf(':');
  if (colon < 0) return ok({ namespace: '', pod: '', path: withoutEndSlash(text) });
  const pieces = text.slice(0, colon).split('/');
  if (colon === 0 || pieces.length > 2)
    return failure('filespec must match the canonical format: [[namespace/]pod:]file/path');
  const [first = '', second] = pieces;
  return ok({
    namespace: second === undefined ? invocation.namespace : first,
    pod: second ?? first,
    path: withoutEndSlash(text.slice(colon + 1).replaceAll('\\', '/')),
  });
}

function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

async function runInPod(
  invocation: Invocation,
  spec: FileSpec,
  command: readonly string[],
  stdin?: Uint8Array,
): Promise<Outcome<Captured>> {
  const pod = await invocation.client.get(`/api/v1/namespaces/${spec.namespace}/pods/${spec.pod}`);
  if (!pod.ok) return pod;
  const phase = stringAt(pod.value, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed')
    return failure(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const container = chooseContainer(invocation, pod.value, invocation.flags.string('container'));
  if (!container.ok) return container;
  return captureExec(invocation, {
    namespace: spec.namespace,
    pod: spec.pod,
    container: container.value,
    command,
    verb: 'exec',
    ...(stdin === undefined ? {} : { stdin }),
  });
}

async function copyToPod(invocation: Invocation, source: string, target: FileSpec): Promise<Outcome<void>> {
  const files = await localFiles(invocation.host, source);
  if (files === undefined) return failure(`${source} doesn't exist in local filesystem`);
  const asked = await runInPod(quietly(invocation), target, ['test', '-d', target.path]);
  const isFolder = asked.ok && asked.value.exitCode === 0;
  const path = cleanPath(isFolder ? `${target.path}/${baseName(cleanPath(source))}` : target.path);
  const modifiedMs = invocation.host.now();
  const members = files.map(({ name, text }) =>
    encodeMember({
      name: `${baseName(path)}${name}${text === undefined ? '/' : ''}`,
      type: text === undefined ? 'directory' : 'file',
      mode: text === undefined ? 0o755 : 0o644,
      modifiedMs,
      bytes: new TextEncoder().encode(text ?? ''),
    }),
  );
  const packed = Buffer.concat(members);
  const archive = Buffer.concat([packed, endOfArchive(packed.length, 512)]);
  const command = [
    'tar',
    ...(invocation.flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner'] : []),
    '-xmf',
    '-',
    '-C',
    folderName(path),
  ];
  const ran = await runInPod(invocation, target, command, archive);
  if (!ran.ok) return ran;
  invocation.out(ran.value.stdoutText);
  invocation.err(ran.value.stderrText);
  return endOf(ran.value);
}

async function copyFromPod(invocation: Invocation, source: FileSpec, target: string): Promise<Outcome<void>> {
  const ran = await runInPod(invocation, source, ['tar', 'cf', '-', source.path]);
  if (!ran.ok) return ran;
  // The original shows what tar says on stdout.
  invocation.out(ran.value.stderrText);
  if (ran.value.exitCode !== 0) return endOf(ran.value);
  const members = decodeArchive(ran.value.stdout);
  if (!members.ok) return failure('unexpected EOF');
  const prefix = withoutShortcuts(cleanPath(source.path.replace(/^[/\\]+/, '')));
  const base = cleanPath(target);
  for (const { name, type, bytes } of members.value) {
    if (!name.startsWith(prefix)) return failure('tar contents corrupted');
    const path = cleanPath(`${base}/${name.slice(prefix.length)}`);
    if (path !== base && base !== '.' && !path.startsWith(`${base}/`) && base !== '/') {
      invocation.err(`warning: file ${JSON.stringify(path)} is outside target destination, skipping\n`);
    } else if (type === 'other') {
      invocation.err(`warning: skipping symlink: ${JSON.stringify(path)} -> ""\n`);
    } else if (type === 'file') {
      if ((await invocation.host.listFolder(path)) !== undefined)
        return failure(`open ${path}: is a directory`);
      await invocation.host.writeFile(path, new TextDecoder().decode(bytes));
    }
  }
  return ok(undefined);
}

/** How the program in the container ended, in the words of exec. */
function endOf({ exitCode }: Captured): Outcome<void> {
  if (exitCode === 0) return ok(undefined);
  const text = `command terminated with exit code ${exitCode}`;
  return { ok: false, error: { kind: 'exit', code: exitCode, text } };
}

/** The same command with nobody to hear it. */
function quietly(invocation: Invocation): Invocation {
  return invocation.withOutput({ writeStdout: () => {}, writeStderr: () => {} });
}

interface LocalFile {
  /** Behind the name of what is copied: empty, or `/folder/file`. */
  readonly name: string;
  /** Undefined for an empty folder. */
  readonly text: string | undefined;
}

/** A file, or all files below a folder; undefined when there is neither. */
async function localFiles(
  host: KubectlHost,
  path: string,
  name = '',
): Promise<readonly LocalFile[] | undefined> {
  const text = await host.readFile(path);
  if (text !== undefined) return [{ name, text }];
  const inside = await host.listFolder(path);
  if (inside === undefined) return undefined;
  if (inside.length === 0) return [{ name, text: undefined }];
  const files: LocalFile[] = [];
  for (const entry of [...inside].sort()) {
    const plain = entry.replace(/\/$/, '');
    files.push(...((await localFiles(host, `${path}/${plain}`, `${name}/${plain}`)) ?? []));
  }
  return files;
}

function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else if (step !== '' && step !== '.' && !(step === '..' && isAbsolute)) steps.push(step);
  }
  return `${isAbsolute ? '/' : ''}${steps.join('/')}` || '.';
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || '/';
}

function folderName(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}

/** Without `../` at its start. */
function withoutShortcuts(path: string): string {
  const rest = path.replace(/^(?:\.\.\/)+/, '');
  return rest === '.' || rest === '..' ? '' : rest.replace(/^\//, '');
}
