/** `kubectl kustomize`. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { buildKustomization } from '../kustomize/build.ts';
import { formatYaml } from '../printers/yaml.ts';

export const kustomizeCommand: Command = {
  name: 'kustomize',
  usage: 'DIR [flags]',
  short: 'Build a kustomization target from a directory or URL',
  isLocal: true,
  flags: [
    { name: 'as-current-user', type: 'bool', initial: 'false', usage: 'User of a plugin in a container.' },
    { name: 'enable-alpha-plugins', type: 'bool', initial: 'false', usage: 'Plugins (not available here).' },
    { name: 'enable-helm', type: 'bool', initial: 'false', usage: 'Helm charts (not available here).' },
    { name: 'env', short: 'e', type: 'stringArray', initial: '[]', usage: 'Environment of a plugin.' },
    { name: 'helm-api-versions', type: 'stringArray', initial: '[]', usage: 'API versions for Helm.' },
    { name: 'helm-command', type: 'string', initial: 'helm', usage: 'The command of Helm.' },
    { name: 'helm-debug', type: 'bool', initial: 'false', usage: "Helm's own messages." },
    { name: 'helm-kube-version', type: 'string', usage: 'The Kubernetes version for Helm.' },
    {
      name: 'load-restrictor',
      type: 'string',
      initial: 'LoadRestrictionsRootOnly',
      usage: 'LoadRestrictionsNone lets files outside the folder be read.',
    },
    { name: 'mount', type: 'stringArray', initial: '[]', usage: 'Mounts of a plugin.' },
    { name: 'network', type: 'bool', initial: 'false', usage: 'Lets plugins use the network.' },
    { name: 'network-name', type: 'string', initial: 'bridge', usage: 'The network of a plugin.' },
    { name: 'output', short: 'o', type: 'string', usage: 'A file to write to.' },
  ],
  run: runKustomize,
};

async function runKustomize(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags, host } = invocation;
  if (args.length > 1) return failure('specify one path to kustomization.yaml');
  const built = await buildKustomization(host, args[0] ?? '.');
  if (!built.ok) return built;
  const text = built.value.map((object) => formatYaml(object)).join('---\n');
  if (flags.string('output') === '') invocation.out(text);
  else await host.writeFile(flags.string('output'), text);
  return ok(undefined);
}
