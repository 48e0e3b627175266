/** `kubectl create token`: asks for a token of a service account. Source: k8s.io/kubectl/pkg/cmd/create/create_token.go. */
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import type { Flags } from '../cli/flag-table.ts';
import { outputFlags } from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { oneName, refused } from './create-object.ts';
import { outcomePrinter } from './write-options.ts';

export const createTokenCommand: Command = {
  name: 'token',
  usage: 'SERVICE_ACCOUNT_NAME',
  short: 'Request a service account token',
  flags: [
    ...outputFlags,
    { name: 'audience', type: 'stringArray', usage: 'For whom the token is; the API server without one.' },
    { name: 'bound-object-kind', type: 'string', usage: 'Kind of the object that the token is bound to.' },
    { name: 'bound-object-name', type: 'string', usage: 'Name of the object that the token is bound to.' },
    { name: 'bound-object-uid', type: 'string', usage: 'UID of the object that the token is bound to.' },
    { name: 'duration', type: 'duration', initial: '0s', usage: 'How long the token holds.' },
  ],
  run: createToken,
};

const boundKinds: readonly string[] = ['Node', 'Pod', 'Secret'];

async function createToken(invocation: Invocation): Promise<Outcome<void>> {
  const name = oneName(invocation);
  if (!name.ok) return name;
  const { client, flags, namespace } = invocation;
  const misuse = misuseOf(flags);
  if (misuse !== undefined) return failure(misuse);
  const audiences = flags.strings('audience');
  const durationMs = flags.durationMs('duration');
  const kind = flags.string('bound-object-kind');
  const uid = flags.string('bound-object-uid');
  const response = await client.post(`/api/v1/namespaces/${namespace}/serviceaccounts/${name.value}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: audiences.length === 0 ? null : audiences,
      expirationSeconds: durationMs > 0 ? durationMs / 1_000 : null,
      boundObjectRef:
        kind === ''
          ? null
          : {
              kind,
              apiVersion: 'v1',
              name: flags.string('bound-object-name'),
              ...(uid === '' ? {} : { uid }),
            },
    },
  });
  if (!response.ok) {
    return { ok: false, error: refused(response.error, 'failed to create token: ') };
  }
  const token = stringAt(response.value, 'status', 'token');
  if (token === '') return failure('failed to create token: no token in server response');
  if (flags.isSet('output')) {
    const print = await outcomePrinter(invocation, 'none', { typed: true });
    return print.ok ? print.value(response.value, 'created') : print;
  }
  // Without a line feed, so that it can be stored as it is; a terminal gets one.
  invocation.out(token);
  return ok(undefined);
}

function misuseOf(flags: Flags): string | undefined {
  const durationMs = flags.durationMs('duration');
  if (durationMs < 0) return '--duration must be greater than or equal to 0';
  if (durationMs % 1_000 !== 0) return '--duration cannot be expressed in units less than seconds';
  if (flags.strings('audience').includes('')) return '--audience must not be an empty string';
  const kind = flags.string('bound-object-kind');
  if (kind === '') {
    for (const part of ['name', 'uid']) {
      if (flags.string(`bound-object-${part}`) !== '')
        return `--bound-object-${part} can only be set if --bound-object-kind is provided`;
    }
    return undefined;
  }
  if (!boundKinds.includes(kind)) return `supported --bound-object-kind values are ${boundKinds.join(', ')}`;
  if (flags.string('bound-object-name') === '')
    return '--bound-object-name is required if --bound-object-kind is provided';
  return undefined;
}
