import { describe, expect, it } from 'vitest';
import { twoMachines } from '../testing/two-machines.ts';

/** `client` 10.0.0.2, behind `server` 10.0.0.1 and 10.0.2.1 a machine `far` at 10.0.2.2. */
function behindRouter() {
  const world = twoMachines();
  const { network } = world;
  network.addMachine('far');
  network.addVeth({ netns: 'server', link: 'eth1' }, { netns: 'far', link: 'eth0' });
  network.addAddress('server', 'eth1', '10.0.2.1/24');
  network.addAddress('far', 'eth0', '10.0.2.2/24');
  network.setSysctl('server', 'net.ipv4.ip_forward', '1');
  network.addRoute('client', { destination: '10.0.2.0/24', via: '10.0.0.1', link: 'eth0' });
  network.addRoute('far', { destination: '10.0.0.0/24', via: '10.0.2.1', link: 'eth0' });
  return world;
}

const localhost = ' 1?: [LOCALHOST]                      pmtu 1500\n';
const first = ' 1:  10.0.0.1                                              0.050ms \n';

// Source: tracepath of iputils 20221126 in three network namespaces wired like this.
describe('tracepath', () => {
  it.each([
    {
      line: '-n 10.0.2.2',
      out: `${localhost}${first}${first} 2:  10.0.2.2                                              0.050ms reached\n     Resume: pmtu 1500 hops 2 back 2 \n`,
    },
    {
      line: '10.0.2.2',
      out: `${localhost}${` 1:  ???                                                   0.050ms \n`.repeat(2)} 2:  ???                                                   0.050ms reached\n     Resume: pmtu 1500 hops 2 back 2 \n`,
    },
    {
      line: '-b 10.0.0.1',
      out: `${localhost}${' 1:  ??? (10.0.0.1)                                        0.050ms reached\n'.repeat(2)}     Resume: pmtu 1500 hops 1 back 1 \n`,
    },
    {
      line: '-n -m 1 10.0.2.2',
      out: `${localhost}${first}     Too many hops: pmtu 1500\n     Resume: pmtu 1500 \n`,
    },
    {
      line: '-n 10.0.0.2',
      out: ' 1:  10.0.0.2                                              0.050ms reached\n     Resume: pmtu 65535 hops 1 back 1 \n',
    },
    {
      line: '-n -l 1000 10.0.2.2',
      out: `${first} 2:  10.0.2.2                                              0.050ms reached\n     Resume: pmtu 1000 hops 2 back 2 \n`,
    },
    { line: '-n 10.9.9.9', out: ' 1:  send failed\n     Resume: pmtu 65535 \n' },
  ])('$line', ({ line, out }) => {
    expect(behindRouter().run('client', ['tracepath', ...line.split(' ')])).toEqual({
      out,
      err: '',
      code: 0,
    });
  });

  it('tells who says that there is nobody, after the time that asking takes', () => {
    const { out } = behindRouter().run('client', ['tracepath', '-n', '10.0.2.99']);
    expect(out.replace(/\d{4}\.\d{3}ms/, 'Nms').replace(/ +Nms/, ' Nms')).toBe(
      `${localhost}${first}${first} 2:  10.0.0.1 Nms !H\n     Resume: pmtu 1500 \n`,
    );
  });
});

// Source: mtr 0.95 there; what was 0.1 ms is 0.05 here, which rounds to it.
describe('mtr', () => {
  const head = 'HOST: client                      Loss%   Snt   Last   Avg  Best  Wrst StDev\n';
  const wideHead = 'HOST: client   Loss%   Snt   Last   Avg  Best  Wrst StDev\n';
  it.each([
    {
      line: '-n -r -c 2 10.0.2.2',
      rows: `${head}  1.|-- 10.0.0.1                   0.0%     2    0.1   0.1   0.1   0.1   0.0\n  2.|-- 10.0.2.2                   0.0%     2    0.1   0.1   0.1   0.1   0.0\n`,
    },
    {
      line: '-r -w -c 1 10.0.2.2',
      rows: `${wideHead}  1.|-- 10.0.0.1  0.0%     1    0.1   0.1   0.1   0.1   0.0\n  2.|-- 10.0.2.2  0.0%     1    0.1   0.1   0.1   0.1   0.0\n`,
    },
  ])('$line', ({ line, rows }) => {
    expect(behindRouter().run('client', ['mtr', ...line.split(' ')])).toEqual({
      out: `Start: 2024-05-28T13:22:30+0000\n${rows}`,
      err: '',
      code: 0,
    });
  });
});
