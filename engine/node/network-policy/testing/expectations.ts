/**
 * Reachability matrices in few words: lines that are applied in order to a matrix in which everything passes, as upstream's
 * Reachability (ExpectPeer, ExpectAllIngress, …) is. `deny * > x/a`, `allow y/* > x/a tcp/81`.
 */
import { invariant } from '../../../base/result.ts';
import type { Flow } from './model.ts';

/** A test whether a flow passes by the last line that speaks of it. A Pod always reaches itself. */
export function expectation(lines: readonly string[]): (flow: Flow) => boolean {
  const parsed = lines.map((line) => {
    const parts = /^(allow|deny) (\S+) > (\S+)((?: \w+\/[\d*]+)*)$/.exec(line);
    invariant(parts !== null, `no expectation: ${line}`);
    const [, verb, from = '', to = '', ports = ''] = parts;
    return { verb, from, to, words: ports.trim() };
  });
  return (flow) => flow.from === flow.to || passes(parsed, flow);
}

interface Line {
  readonly verb: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly words: string;
}

function passes(lines: readonly Line[], flow: Flow): boolean {
  let last = true;
  for (const { verb, from, to, words } of lines) {
    const isPort =
      words === '' ||
      words
        .split(' ')
        .some((word) => word === `${flow.protocol}/${flow.port}` || word === `${flow.protocol}/*`);
    if (isOneOf(flow.from, from) && isOneOf(flow.to, to) && isPort) last = verb === 'allow';
  }
  return last;
}

/** `*`, `x/*`, `x/a`, `x/a,y/b`. */
function isOneOf(pod: string, pattern: string): boolean {
  return pattern.split(',').some((one) => {
    if (one === '*' || one === pod) return true;
    const [namespace, name] = one.split('/');
    const [ownNamespace, own] = pod.split('/');
    return (namespace === '*' || namespace === ownNamespace) && (name === '*' || name === own);
  });
}
