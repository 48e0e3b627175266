import { ok } from '../../base/result.ts';
import { failure } from '../failure.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';
import { parseResourceList } from './resource-list.ts';

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
    const hard = parseResourceList(invocation.flags.string('hard'));
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
