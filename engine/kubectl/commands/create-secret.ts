/** `kubectl create secret generic|tls|docker-registry`. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { checkConfigMapKey } from '../../api/validation/names.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { withHash } from '../manifest/content-hash.ts';
import { createSubcommand, type Generated, metadataOf, namespacedPath } from './create-object.ts';
import {
  appendHashFlag,
  type DataMap,
  type DataTarget,
  dataFlags,
  readData,
  readFileSources,
} from './data-sources.ts';

const dockerConfigKey = '.dockerconfigjson';

const secretTarget: DataTarget = {
  order: ['literals', 'files'],
  folderAsEnvFile: 'env secret file cannot be a directory',
  keyProblem: (key, isTaken) => {
    const problems = checkConfigMapKey(key);
    if (problems.length > 0)
      return `${JSON.stringify(key)} is not valid key name for a Secret ${problems.join(';')}`;
    return isTaken ? `cannot add key ${key}, another key by that name already exists` : undefined;
  },
};

const genericCommand = createSubcommand({
  name: 'generic',
  usage:
    'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a secret from a local file, directory, or literal value',
  flags: [...dataFlags, { name: 'type', type: 'string', usage: 'The type of the Secret.' }],
  generate: async (invocation, name) => {
    const data = await readData(invocation, secretTarget);
    return data.ok ? secretOf(invocation, name, data.value, invocation.flags.string('type')) : data;
  },
});

const tlsCommand = createSubcommand({
  name: 'tls',
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  short: 'Create a TLS secret',
  flags: [
    { name: 'cert', type: 'string', usage: 'File of the certificate, in PEM.' },
    { name: 'key', type: 'string', usage: 'File of its private key, in PEM.' },
    appendHashFlag,
  ],
  generate: async (invocation, name) => {
    const { flags, host } = invocation;
    const [certFile, keyFile] = [flags.string('cert'), flags.string('key')];
    if (certFile === '' || keyFile === '') return failure('key and cert must be specified');
    const cert = await host.readFile(certFile);
    if (cert === undefined) return failure(unreadable(certFile));
    const key = await host.readFile(keyFile);
    if (key === undefined) return failure(unreadable(keyFile));
    const problem = keyPairProblem(cert, key);
    if (problem !== undefined) return failure(problem);
    const data = new Map([
      ['tls.crt', cert],
      ['tls.key', key],
    ]);
    return secretOf(invocation, name, data, 'kubernetes.io/tls');
  },
});

const dockerRegistryCommand = createSubcommand({
  name: 'docker-registry',
  usage:
    'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  short: 'Create a secret for use with a Docker registry',
  flags: [
    { name: 'docker-email', type: 'string', usage: 'E-mail address for the registry.' },
    { name: 'docker-password', type: 'string', usage: 'Password for the registry.' },
    {
      name: 'docker-server',
      type: 'string',
      initial: 'https://index.docker.io/v1/',
      usage: 'Where the registry is.',
    },
    { name: 'docker-username', type: 'string', usage: 'User name for the registry.' },
    { name: 'from-file', type: 'stringSlice', usage: `A file for the key ${dockerConfigKey}.` },
    appendHashFlag,
  ],
  generate: async (invocation, name) => {
    const data = await dockerConfig(invocation);
    return data.ok ? secretOf(invocation, name, data.value, 'kubernetes.io/dockerconfigjson') : data;
  },
});

export const createSecretCommand: Command = {
  name: 'secret',
  usage: '(docker-registry | generic | tls)',
  short: 'Create a secret using a specified subcommand',
  flags: [],
  subcommands: [dockerRegistryCommand, genericCommand, tlsCommand],
};

function secretOf(invocation: Invocation, name: string, data: DataMap, type: string): Outcome<Generated> {
  const encoded: JsonObject = Object.fromEntries(
    [...data].map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
  );
  const fullName = invocation.flags.bool('append-hash')
    ? withHash(name, { data: encoded, kind: 'Secret', name, type })
    : name;
  return ok({
    object: {
      apiVersion: 'v1',
      ...(data.size === 0 ? {} : { data: encoded }),
      kind: 'Secret',
      metadata: metadataOf(invocation, fullName),
      ...(type === '' ? {} : { type }),
    },
    path: namespacedPath(invocation, '/api/v1', 'secrets'),
    refusal: 'failed to create secret ',
  });
}

function unreadable(file: string): string {
  return `Cannot read file ${file}, open ${file}: no such file or directory`;
}

/** What keeps a certificate and a key from being a pair, in the words of Go's crypto/tls. */
function keyPairProblem(cert: string, key: string): string | undefined {
  if (!cert.includes('-----BEGIN ')) return 'tls: failed to find any PEM data in certificate input';
  if (!cert.includes('-----BEGIN CERTIFICATE-----')) {
    if (/^(?:[A-Z]+ )?PRIVATE KEY$/.test(blockTypes(cert)))
      return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${blockTypes(cert)}]`;
  }
  if (!key.includes('-----BEGIN ')) return 'tls: failed to find any PEM data in key input';
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(key)) {
    return blockTypes(key) === 'CERTIFICATE'
      ? 'tls: found a certificate rather than a key in the PEM for the private key'
      : `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${blockTypes(key)}]`;
  }
  try {
    const isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    return isPair ? undefined : 'tls: private key does not match public key';
  } catch {
    return 'tls: failed to parse private key';
  }
}

function blockTypes(pem: string): string {
  return [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map((match) => match[1]).join(' ');
}

async function dockerConfig(invocation: Invocation): Promise<Outcome<DataMap>> {
  const { flags } = invocation;
  const files = flags.strings('from-file');
  if (files.length > 0) {
    const named = files.map((file) => (file.includes('=') ? file : `${dockerConfigKey}=${file}`));
    return readFileSources(invocation, named, secretTarget);
  }
  const [username, password, email, server] = ['username', 'password', 'email', 'server'].map((part) =>
    flags.string(`docker-${part}`),
  );
  if (!username || !password || !server) {
    return failure(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    );
  }
  const auth = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
  const entry = { username, password, ...(email ? { email } : {}), auth };
  return ok(new Map([[dockerConfigKey, JSON.stringify({ auths: { [server]: entry } })]]));
}
