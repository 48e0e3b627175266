/** `kubectl create quota`. */
import { normalizeQuantityText } from '../../api/quantity.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';

export const createQuotaCommand = createSubcommand({
  name: 'quota',
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  short: 'Create a quota with the specified name',
  aliases: ['resourcequota'],
  flags: [
    { name: 'hard', type: 'string', usage: 'Limits as resource=amount, with commas between them.' },
    { name: 'scopes', type: 'string', usage: 'Scopes that all hold for what is counted.' },
  ],
  generate: (invocation, name) => {
    const hard = parseHard(invocation.flags.string('hard'));
    if (!hard.ok) return hard;
    const scopes = invocation.flags.string('scopes');
    const list = scopes === '' ? [] : scopes.split(',');
    if (list.includes('')) return failure('invalid resource quota scope ""');
    return ok({
      object: {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: metadataOf(invocation, name),
        spec: {
          ...(Object.keys(hard.value).length === 0 ? {} : { hard: hard.value }),
          ...(list.length === 0 ? {} : { scopes: list }),
        },
        status: {},
      },
      path: namespacedPath(invocation, '/api/v1', 'resourcequotas'),
      refusal: 'failed to create quota: ',
    });
  },
});

function parseHard(text: string): Outcome<JsonObject> {
  const limits = new Map<string, string>();
  for (const statement of text === '' ? [] : text.split(',')) {
    const [resource = '', amount, more] = statement.split('=');
    if (amount === undefined || more !== undefined) {
      return failure(`Invalid argument syntax ${statement}, expected <resource>=<value>`);
    }
    const quantity = normalizeQuantityText(amount);
    if (!quantity.ok) return failure(quantity.error);
    limits.set(resource, quantity.value);
  }
  return ok(Object.fromEntries(limits));
}
