/** `--raw` of create, replace and delete: one request with the text of a file as it stands. Source: k8s.io/kubectl/pkg/rawhttp. */
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

/** Sends the file of `-f` to the path of `--raw`, and prints the answer. */
export async function sendRaw(invocation: Invocation, method: 'POST' | 'PUT'): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const [file, more] = flags.strings('filename');
  if (file === undefined || more !== undefined)
    return failure('--raw can only use a single local file or stdin');
  if (/^https?:\/\//.test(file)) return failure('--raw cannot read from a url');
  const body = file === '-' ? host.stdin : await host.readFile(file);
  if (body === undefined) return failure(`open ${file}: no such file or directory`);
  const [path = '', query = ''] = flags.string('raw').split('?');
  const response = await invocation.client.send({
    method,
    path,
    query: [...new URLSearchParams(query)],
    body,
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) return response;
  if (response.value.type === 'text') invocation.out(response.value.body);
  if (response.value.type === 'object') invocation.out(`${JSON.stringify(response.value.body)}\n`);
  return ok(undefined);
}
