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
  flags: [{ name: 'output', short: 'o', type: 'string', usage: 'A file to write to.' }],
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
