/** UDP and ICMP through the sockets' interface. Source of the errors: udp(7), icmp(7), and a Linux 6.18 kernel asked. */
import { describe, expect, it } from 'vitest';
import type { Network } from './network.ts';
import { capture, createTwoMachines, listen } from './testing/networks.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function receiveFrom(net: Network, socket: number): string {
  const result = net.sockets.receiveFrom(socket);
  if (!result.ok) return result.error;
  const { peer } = result.value;
  return `${new TextDecoder().decode(result.value.bytes)} from ${peer.address}`;
}

function sendTo(net: Network, socket: number, address: string, port: number, text = 'x'): string {
  const result = net.sockets.sendTo(socket, { address, port }, bytes(text));
  return result.ok ? 'sent' : result.error;
}

describe('a datagram', () => {
  it('reaches the socket that is bound to its port, and can be answered', () => {
    const { net } = createTwoMachines();
    const server = listen(net, 'b/p3', 53, { protocol: 'udp' });
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    expect(sendTo(net, client, '10.244.2.7', 53, 'question')).toBe('sent');
    const question = net.sockets.receiveFrom(server);
    if (!question.ok) throw new Error(question.error);
    expect(question.value.peer.address).toBe('10.244.1.5');
    net.sockets.sendTo(server, question.value.peer, bytes('answer'));
    expect(receiveFrom(net, client)).toBe('answer from 10.244.2.7');
    expect(receiveFrom(net, client)).toBe('EAGAIN');
  });

  it.each([
    ['10.99.0.1', 'ENETUNREACH'],
    ['10.244.1.255', 'EACCES'],
    ['nowhere', 'EINVAL'],
  ])('to %s is refused with %s where there is no default route', (address, error) => {
    const { net } = createTwoMachines();
    net.removeRoute('a/p1', 'default');
    expect(sendTo(net, listen(net, 'a/p1', 0, { protocol: 'udp' }), address, 53)).toBe(error);
  });

  // Source: a Linux 6.18 kernel asked by `npm run test:kernel`: why an answer from another address of a node is lost.
  it('from somebody else than the one it was sent to does not reach a client', () => {
    const { net } = createTwoMachines();
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    const other = listen(net, 'a/p2', 0, { protocol: 'udp' });
    sendTo(net, client, '10.244.2.7', 53);
    net.sockets.receiveFrom(client);
    const { local } = net.sockets.name(client) ?? {};
    expect(sendTo(net, other, '10.244.1.5', local?.port ?? 0)).toBe('sent');
    expect([receiveFrom(net, client), receiveFrom(net, other)]).toEqual(['EAGAIN', 'ECONNREFUSED']);
  });

  it('may not be longer than IP carries', () => {
    const { net } = createTwoMachines();
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    expect(sendTo(net, client, '10.244.2.7', 53, 'x'.repeat(65_507))).toBe('sent');
    expect(sendTo(net, client, '10.244.2.7', 53, 'x'.repeat(65_508))).toBe('EMSGSIZE');
  });

  it('that a rule of the sender stops fails with EPERM, and a REJECT is told by the call after it', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore('a/p1', '*filter\n-A OUTPUT -p udp -j REJECT\nCOMMIT\n');
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    expect([1, 2, 3].map(() => sendTo(net, client, '10.244.2.7', 53))).toEqual([
      'EPERM',
      'ECONNREFUSED',
      'EPERM',
    ]);
  });

  it('to a port that nobody has is an error for a client, and none for a server', () => {
    const { net } = createTwoMachines();
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    const server = listen(net, 'a/p1', 5_353, { protocol: 'udp' });
    for (const socket of [client, server]) sendTo(net, socket, '10.244.2.7', 53);
    expect([client, server].map((socket) => receiveFrom(net, socket))).toEqual(['ECONNREFUSED', 'EAGAIN']);
    expect(receiveFrom(net, client)).toBe('EAGAIN');
  });

  it('to an address that nobody has looks like silence', () => {
    const { net, queue } = createTwoMachines();
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    sendTo(net, client, '10.244.1.99', 53);
    queue.advance(10_000);
    expect(receiveFrom(net, client)).toBe('EAGAIN');
  });

  it('is lost when the buffer of its reader is full', () => {
    const { net } = createTwoMachines();
    const server = listen(net, 'b/p3', 53, { protocol: 'udp' });
    const client = listen(net, 'a/p1', 0, { protocol: 'udp' });
    for (let index = 0; index < 10; index += 1) sendTo(net, client, '10.244.2.7', 53, 'x'.repeat(60_000));
    const read = Array.from({ length: 10 }, () => net.sockets.receiveFrom(server).ok);
    expect(read.filter(Boolean)).toHaveLength(3);
  });
});

describe('an echo request', () => {
  const ping = (net: Network, netns: string, address: string, ttl = 64) => {
    const socket = net.sockets.ping({ netns, address, ttl, bytes: 56, pid: 1 });
    return () => net.sockets.pingResult(socket);
  };

  it('is answered, with a time to live that tells how many routers there were', () => {
    const { net } = createTwoMachines();
    expect(ping(net, 'a/p1', '10.244.2.7')()).toEqual({ from: '10.244.2.7', ttl: 62 });
    expect(ping(net, 'a/p1', '10.244.1.6')()).toEqual({ from: '10.244.1.6', ttl: 64 });
    expect(ping(net, 'a/p1', '127.0.0.1')()).toEqual({ from: '127.0.0.1', ttl: 64 });
  });

  it('finds the routers on its way when its time to live is short', () => {
    const { net } = createTwoMachines();
    const way = [1, 2, 3].map((ttl) => ping(net, 'a/p1', '10.244.2.7', ttl)());
    expect(way).toEqual([
      { from: '10.244.1.1', ttl: 64, error: 'time-exceeded' },
      { from: '172.18.0.3', ttl: 63, error: 'time-exceeded' },
      { from: '10.244.2.7', ttl: 62 },
    ]);
  });

  it('is answered for a virtual address by the one that DNAT names', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore(
      'a',
      '*nat\n-A PREROUTING -d 10.96.0.10 -j DNAT --to-destination 10.244.2.7\nCOMMIT\n',
    );
    expect(ping(net, 'a/p1', '10.96.0.10')()).toEqual({ from: '10.96.0.10', ttl: 62 });
  });

  // Source: nf_nat_icmp_reply_translation in Linux: NAT changes the error's own source too.
  it('to a virtual address hears of an error as from that address', () => {
    const { net } = createTwoMachines();
    net.iptablesRestore(
      'a',
      '*nat\n-A PREROUTING -d 10.96.0.10 -j DNAT --to-destination 10.244.2.7\nCOMMIT\n',
    );
    net.iptablesRestore('b', '*filter\n-A FORWARD -p icmp -j REJECT\nCOMMIT\n');
    expect(ping(net, 'a/p1', '10.96.0.10')()).toEqual({ from: '10.96.0.10', ttl: 63, error: 'port' });
  });

  it('hears from its own machine after 3 s that nobody has the address', () => {
    const { net, queue } = createTwoMachines();
    const result = ping(net, 'a/p1', '10.244.1.99');
    expect(result()).toBeUndefined();
    queue.advance(3_000);
    expect(result()).toEqual({ from: '10.244.1.5', ttl: 64, error: 'host' });
  });

  it('that can not be sent has its error at once', () => {
    const { net } = createTwoMachines();
    net.removeRoute('a/p1', 'default');
    expect(ping(net, 'a/p1', '10.99.0.1')()).toEqual({ from: '', ttl: 0, error: 'ENETUNREACH' });
    net.iptablesRestore('a/p2', '*filter\n-A OUTPUT -p icmp -j DROP\nCOMMIT\n');
    expect(ping(net, 'a/p2', '10.244.1.5')()).toEqual({ from: '', ttl: 0, error: 'EPERM' });
  });

  it('tells its owner of the answer once', () => {
    const { net } = createTwoMachines();
    const told: string[] = [];
    net.sockets.onReady((socket, pid) => told.push(`${socket} of ${pid}`));
    const socket = net.sockets.ping({ netns: 'a/p1', address: '10.244.2.7', ttl: 64, bytes: 0, pid: 9 });
    expect(told).toEqual([`${socket} of 9`]);
    const traces = capture(net, () => net.sockets.close(socket));
    expect(traces).toEqual([]);
  });
});
