import { expect, it } from 'vitest';
import { foldTrace } from './fold-trace.ts';

it('puts the place of hops above them, and wraps them', () => {
  const rows = foldTrace(
    [
      '#1 SYN  tcp 10.244.1.2:4000 → 10.96.0.5:80',
      '  worker-1/cni-1  send   tcp 10.244.1.2:4000 → 10.96.0.5:80',
      '                  out    eth0 →',
      '  worker-1        in     → veth1',
      '                  rule   PREROUTING nat: -j DNAT',
      '                         destination ⇒ 10.244.1.3:80',
      '  ✗ no process listens',
    ],
    40,
  );
  expect(
    rows.map((row) =>
      row
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    ),
  ).toEqual([
    '  #1 SYN  tcp 10.244.1.2:4000 →',
    '    10.96.0.5:80',
    '  worker-1/cni-1',
    '    send   tcp 10.244.1.2:4000 →',
    '      10.96.0.5:80',
    '    out    eth0 →',
    '  worker-1',
    '    in     → veth1',
    '    rule   PREROUTING nat: -j DNAT',
    '           destination ⇒ 10.244.1.3:80',
    '  ✗ no process listens',
  ]);
});

it('has nothing to fold in lines of another shape', () => {
  expect(foldTrace(['a', '  b'], 40).map((row) => row.map(({ text }) => text).join(''))).toEqual([
    '  a',
    '  b',
  ]);
});
