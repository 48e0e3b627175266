/** `ip neighbour show`. Source: iproute2 6.1 (ip/ipneigh.c), recorded in fixtures/iproute2-show.txt. */
import { isNeighbours, type NeighbourFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import { formatJson, paint, type ShowOptions } from './ip-output.ts';

/** Prints the neighbours that the words select. */
export function* showNeighbours(words: readonly string[], options: ShowOptions): sys.Sys<number> {
  let link: string | undefined;
  let address: string | undefined;
  const states: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!['dev', 'nud', 'to'].includes(word)) {
      address = word;
      continue;
    }
    index += 1;
    const value = words[index] ?? '';
    if (word === 'dev') link = value;
    else if (word === 'to') address = value;
    else states.push(value.toUpperCase());
  }
  const facts = yield* sys.inspect('neighbours');
  const shown = (isNeighbours(facts) ? facts : []).filter(
    (neighbour) =>
      (link === undefined || neighbour.link === link) &&
      (address === undefined || neighbour.address === address) &&
      (states.length === 0 || states.includes('ALL') || states.includes(neighbour.state)),
  );
  const withLink = link === undefined;
  if (options.json) {
    const items = shown.map(({ address: dst, link: dev, mac, state }) => ({
      dst,
      ...(withLink ? { dev } : {}),
      ...(mac === undefined ? {} : { lladdr: mac }),
      state: [state],
    }));
    yield* sys.print(formatJson(items, options));
    return 0;
  }
  yield* sys.print(shown.map((neighbour) => neighbourText(neighbour, options, withLink)).join(''));
  return 0;
}

function neighbourText(
  { address, link, mac = '', state }: NeighbourFacts,
  options: ShowOptions,
  withLink: boolean,
): string {
  if (options.brief) return `${address.padEnd(39)} ${link.padEnd(16)} ${mac}\n`;
  const device = withLink ? `dev ${paint(`${link} `, 'link', options)}` : '';
  const hardware = mac === '' ? '' : `lladdr ${paint(`${mac} `, 'mac', options)}`;
  return `${paint(`${address} `, 'inet', options)}${device}${hardware}${state} \n`;
}
