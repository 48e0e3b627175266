/** Flags that several commands share, and those that all have. */
import type { FlagSpec } from './flag-table.ts';

/** Some commands have a flag of their own by this name. */
export const userFlag: FlagSpec = {
  name: 'user',
  type: 'string',
  usage: 'Name of the kubeconfig user to use.',
};

/** Flags of every command. Source: `kubectl options`. */
export const globalFlags: readonly FlagSpec[] = [
  { name: 'as', type: 'string', usage: 'User name to act as for this command.' },
  { name: 'as-group', type: 'stringArray', initial: '[]', usage: 'Group to act as; may be repeated.' },
  { name: 'as-uid', type: 'string', usage: 'UID to act as.' },
  { name: 'as-user-extra', type: 'stringArray', initial: '[]', usage: 'Extra attributes to act with.' },
  {
    name: 'cache-dir',
    type: 'string',
    initial: '/home/learner/.kube/cache',
    usage: 'Folder of the discovery cache (not used here).',
  },
  { name: 'certificate-authority', type: 'string', usage: 'Certificate file of the authority.' },
  { name: 'client-certificate', type: 'string', usage: 'Certificate file of the client.' },
  { name: 'client-key', type: 'string', usage: 'Key file of the client.' },
  { name: 'cluster', type: 'string', usage: 'Name of the kubeconfig cluster to use.' },
  { name: 'context', type: 'string', usage: 'Name of the kubeconfig context to use.' },
  {
    name: 'disable-compression',
    type: 'bool',
    initial: 'false',
    usage: 'Asks the server not to compress answers.',
  },
  { name: 'help', short: 'h', type: 'bool', initial: 'false', usage: 'Shows help.', hidden: true },
  {
    name: 'insecure-skip-tls-verify',
    type: 'bool',
    initial: 'false',
    usage: "Doesn't check the server's certificate.",
  },
  { name: 'kubeconfig', type: 'string', usage: 'Path of the kubeconfig file to use.' },
  { name: 'kuberc', type: 'string', usage: 'Path of the kuberc file to use.' },
  {
    name: 'log-flush-frequency',
    type: 'duration',
    initial: '5s',
    usage: 'Longest time between log flushes.',
  },
  {
    name: 'match-server-version',
    type: 'bool',
    initial: 'false',
    usage: 'Requires equal versions of client and server.',
  },
  { name: 'namespace', short: 'n', type: 'string', usage: 'Namespace of this command.' },
  { name: 'password', type: 'string', usage: 'Password for the API server.' },
  { name: 'profile', type: 'string', initial: 'none', usage: 'Profile to capture (not used here).' },
  {
    name: 'profile-output',
    type: 'string',
    initial: 'profile.pprof',
    usage: 'File of the profile (not used here).',
  },
  {
    name: 'request-timeout',
    type: 'string',
    initial: '0',
    usage: 'Longest time of one request; 0 for ever.',
  },
  { name: 'server', short: 's', type: 'string', usage: 'Address and port of the API server.' },
  { name: 'tls-server-name', type: 'string', usage: "Name to check the server's certificate for." },
  { name: 'token', type: 'string', usage: 'Bearer token for the API server.' },
  userFlag,
  { name: 'username', type: 'string', usage: 'User name for the API server.' },
  { name: 'v', short: 'v', type: 'int', initial: '0', usage: 'Verbosity; from 6 on the requests are shown.' },
  { name: 'vmodule', type: 'string', usage: 'Verbosity by module (not used here).' },
  {
    name: 'warnings-as-errors',
    type: 'bool',
    initial: 'false',
    usage: 'Takes warnings of the server for errors.',
  },
];

/** `-f` alone, for commands that only look an object's name up in a file. */
export const jsonFilenameFlag: FlagSpec = {
  name: 'filename',
  short: 'f',
  type: 'stringSlice',
  initial: '[]',
  usage: 'Files that name the objects.',
};

/** `-f`, `-k` and `-R`. */
export const filenameFlags: readonly FlagSpec[] = [
  {
    name: 'filename',
    short: 'f',
    type: 'stringSlice',
    initial: '[]',
    usage: 'Files, folders, or - for stdin.',
  },
  { name: 'kustomize', short: 'k', type: 'string', usage: 'A kustomization folder.' },
  {
    name: 'recursive',
    short: 'R',
    type: 'bool',
    initial: 'false',
    usage: 'Goes through folders inside the folder of -f.',
  },
];

/** `-f` and `-R` of commands that go through folders by themselves. */
export const filesOnlyFlags: readonly FlagSpec[] = filenameFlags
  .filter(({ name }) => name !== 'kustomize')
  .map((flag) => (flag.name === 'recursive' ? { ...flag, initial: 'true' } : flag));

export const selectorFlag: FlagSpec = {
  name: 'selector',
  short: 'l',
  type: 'string',
  usage: "Label selector: '=', '==', '!=', 'in', 'notin' (e.g. -l key1=value1,key2=value2).",
};

export const fieldSelectorFlag: FlagSpec = {
  name: 'field-selector',
  type: 'string',
  usage:
    "Field selector: '=', '==', '!=' (e.g. --field-selector key1=value1). Each kind has few such fields.",
};

export const allNamespacesFlag: FlagSpec = {
  name: 'all-namespaces',
  short: 'A',
  type: 'bool',
  initial: 'false',
  usage: 'All namespaces, whatever -n says.',
};

export const chunkSizeFlag: FlagSpec = {
  name: 'chunk-size',
  type: 'int',
  initial: '500',
  usage: 'Objects that one request brings; 0 for all at once.',
};

/** A bare `--dry-run` is an old form of `--dry-run=client`. */
export const dryRunFlag: FlagSpec = {
  name: 'dry-run',
  type: 'string',
  initial: 'none',
  bare: 'unchanged',
  usage: '"none", "server" (sent but not stored) or "client" (only printed).',
};

export const validateFlag: FlagSpec = {
  name: 'validate',
  type: 'string',
  initial: 'strict',
  bare: 'strict',
  usage: 'strict (or true), warn, ignore (or false): what unknown or doubled fields come to.',
};

/** `-o` and what belongs to it, for commands that print objects. */
export const outputFlags: readonly FlagSpec[] = [
  {
    name: 'allow-missing-template-keys',
    type: 'bool',
    initial: 'true',
    usage: 'Lets templates name missing keys.',
  },
  { name: 'output', short: 'o', type: 'string', usage: 'Format: json, yaml, name, jsonpath=… and others.' },
  {
    name: 'show-managed-fields',
    type: 'bool',
    initial: 'false',
    usage: 'Keeps managedFields in JSON and YAML.',
  },
  { name: 'template', type: 'string', usage: 'Template for -o=jsonpath and its like.' },
];

export function fieldManagerFlag(command: string): FlagSpec {
  return {
    name: 'field-manager',
    type: 'string',
    initial: command,
    usage: 'Name of the manager of the fields.',
  };
}

export const detachKeysFlag: FlagSpec = {
  name: 'detach-keys',
  type: 'string',
  initial: 'ctrl-p,ctrl-q',
  usage: 'Keys that leave the session (not used here).',
};

/** How an object is deleted, for commands that delete one besides what they do. */
export const removalFlags: readonly FlagSpec[] = [
  {
    name: 'cascade',
    type: 'string',
    initial: 'background',
    bare: 'background',
    usage: "What becomes of what it owns: 'background', 'orphan' or 'foreground'.",
  },
  { name: 'force', type: 'bool', initial: 'false', usage: 'Deletes at once.' },
  { name: 'grace-period', type: 'int', initial: '-1', usage: 'Seconds that a deleted object is given.' },
  { name: 'timeout', type: 'duration', initial: '0s', usage: 'Longest time to wait for its end.' },
  { name: 'wait', type: 'bool', initial: 'false', usage: 'Waits for its end.' },
];

/** Keeps the command line in the annotation that `rollout history` shows. */
export const recordFlag: FlagSpec = {
  name: 'record',
  type: 'bool',
  initial: 'false',
  hidden: true,
  deprecated: '--record will be removed in the future',
  usage: 'Keeps the command line in an annotation.',
};

export const localFlag: FlagSpec = {
  name: 'local',
  type: 'bool',
  initial: 'false',
  usage: 'Works on what -f names without asking the server.',
};

export const saveConfigFlag: FlagSpec = {
  name: 'save-config',
  type: 'bool',
  initial: 'false',
  usage: 'Keeps the configuration in an annotation, for kubectl apply.',
};
