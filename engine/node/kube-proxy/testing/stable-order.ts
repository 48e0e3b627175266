/** Restore input in an order that does not depend on chance. */

/** Chains whose rules are those of all Services, which the real kube-proxy takes in an order of chance. */
const sharedChains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-EXTERNAL-SERVICES', 'KUBE-PROXY-FIREWALL'];

/** The lines of a table in an order that does not depend on that of the Services. */
export function inStableOrder(text: string): string {
  return text
    .split('COMMIT\n')
    .map((table) => {
      const lines = table.split('\n').filter((line) => line !== '');
      const keys = new Map(
        lines.map((line, index) => [line, `${sortKey(line)} ${String(index).padStart(5, '0')}`]),
      );
      return lines.sort((a, b) => ((keys.get(a) ?? '') < (keys.get(b) ?? '') ? -1 : 1)).join('\n');
    })
    .join('\nCOMMIT\n');
}

function sortKey(line: string): string {
  const [first = '', chain = ''] = line.split(' ');
  if (first.startsWith(':')) return `1 ${first}`;
  if (first !== '-A') return first.startsWith('*') ? '0' : `3 ${line}`;
  const service = /--comment "?([^ "]+)/.exec(line)?.[1] ?? '';
  const isLast = line.includes('must be the last rule');
  return sharedChains.includes(chain) ? `2 ${chain} ${isLast ? '~' : service}` : `2 ${chain}`;
}
