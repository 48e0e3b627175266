import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

export const appendHashFlag: FlagSpec = {
  name: 'append-hash',
  type: 'bool',
  initial: 'false',
  usage: 'Puts a hash of the data behind the name.',
};

export const dataFlags: readonly FlagSpec[] = [
  { name: 'from-file', type: 'stringSlice', usage: 'A file or folder, or key=file.' },
  { name: 'from-literal', type: 'stringArray', usage: 'key=value.' },
  { name: 'from-env-file', type: 'stringSlice', usage: 'A file with lines of key=value.' },
  appendHashFlag,
];

/** kubectl is stricter here than the server is. Source: k8s.io/apimachinery/pkg/util/validation, IsEnvVarName. */
const envNameRule =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

/** Data by key, in the order in which it was named. */
export type DataMap = ReadonlyMap<string, string>;

/** Which of the two kinds is filled; their words and their order differ. */
export interface DataTarget {
  readonly order: readonly ('files' | 'literals')[];
  /** The problem of a key that can't be added. */
  keyProblem(key: string, isTaken: boolean): string | undefined;
  readonly folderAsEnvFile: string;
}

/** Collects the data that the flags of a command name. */
export async function readData(invocation: Invocation, target: DataTarget): Promise<Outcome<DataMap>> {
  const { flags } = invocation;
  const files = flags.strings('from-file');
  const literals = flags.strings('from-literal');
  const envFiles = flags.strings('from-env-file');
  if (envFiles.length > 0 && files.length + literals.length > 0) {
    return failure('from-env-file cannot be combined with from-file or from-literal');
  }
  const data = new DataCollector(invocation, target);
  for (const step of target.order) {
    for (const source of step === 'files' ? files : literals) {
      const added = await (step === 'files' ? data.addFileSource(source) : data.addLiteral(source));
      if (!added.ok) return added;
    }
  }
  for (const file of envFiles) {
    const added = await data.addEnvFile(file);
    if (!added.ok) return added;
  }
  return ok(data.values);
}

/** Collects the data of files alone: `key=file`, a file or a folder. */
export async function readFileSources(
  invocation: Invocation,
  sources: readonly string[],
  target: DataTarget,
): Promise<Outcome<DataMap>> {
  const data = new DataCollector(invocation, target);
  for (const source of sources) {
    const added = await data.addFileSource(source);
    if (!added.ok) return added;
  }
  return ok(data.values);
}

class DataCollector {
  readonly values = new Map<string, string>();
  readonly #invocation: Invocation;
  readonly #target: DataTarget;

  constructor(invocation: Invocation, target: DataTarget) {
    this.#invocation = invocation;
    this.#target = target;
  }

  addLiteral(source: string): Outcome<void> {
    const equals = source.indexOf('=');
    if (equals <= 0) return failure(`invalid literal source ${source}, expected key=value`);
    return this.#add(source.slice(0, equals), source.slice(equals + 1));
  }

  async addFileSource(source: string): Promise<Outcome<void>> {
    const split = parseFileSource(source);
    if (!split.ok) return split;
    const { key, path } = split.value;
    const { host } = this.#invocation;
    const text = await host.readFile(path);
    if (text !== undefined) return this.#add(key, text);
    const names = await host.listFolder(path);
    if (names === undefined) return failure(`error reading ${path}: no such file or directory`);
    if (source.includes('=')) return failure('cannot give a key name for a directory path');
    for (const name of [...names].sort(compareKeys)) {
      const inside = name.endsWith('/')
        ? undefined
        : await host.readFile(`${path.replace(/\/+$/, '')}/${name}`);
      const added = inside === undefined ? ok(undefined) : this.#add(name, inside);
      if (!added.ok) return added;
    }
    return ok(undefined);
  }

  async addEnvFile(path: string): Promise<Outcome<void>> {
    const { host } = this.#invocation;
    const text = await host.readFile(path);
    if (text === undefined) {
      const isFolder = (await host.listFolder(path)) !== undefined;
      return failure(
        isFolder ? this.#target.folderAsEnvFile : `error reading ${path}: no such file or directory`,
      );
    }
    for (const [index, raw] of text.split('\n').entries()) {
      const line = (index === 0 ? raw.replace(/^\ufeff/, '') : raw).replace(/\r$/, '').trimStart();
      if (line === '' || line.startsWith('#')) continue;
      const equals = line.indexOf('=');
      const key = equals < 0 ? line : line.slice(0, equals);
      if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key))
        return failure(`${JSON.stringify(key)} is not a valid key name: ${envNameRule}`);
      const added = this.#add(key, equals < 0 ? (host.env.get(key) ?? '') : line.slice(equals + 1));
      if (!added.ok) return added;
    }
    return ok(undefined);
  }

  #add(key: string, value: string): Outcome<void> {
    const problem = this.#target.keyProblem(key, this.values.has(key));
    if (problem !== undefined) return failure(problem);
    this.values.set(key, value);
    return ok(undefined);
  }
}

function parseFileSource(source: string): Outcome<{ readonly key: string; readonly path: string }> {
  const [key = '', path, more] = source.split('=');
  if (more !== undefined) return failure("key names or file paths cannot contain '='");
  if (path === undefined)
    return ok({ key: source.replace(/\/+$/, '').split('/').at(-1) ?? '', path: source });
  if (key === '') return failure(`key name for file path ${path} missing`);
  if (path === '') return failure(`file path for key name ${key} missing`);
  return ok({ key, path });
}
