/** TCP through the sockets' interface. Source of the times: tcp(7) and ip-sysctl of Linux; of the errors: see errno(3). */
import { describe, expect, it } from 'vitest';
import { formatTrace } from '../format-trace.ts';
import {
  capture,
  connect,
  createTwoMachines,
  listen,
  outcomeOf,
  type TestNetwork,
} from './testing/networks.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

/** A connection from a/p1 to port 80 of b/p3, with both its ends. */
function createPair(world: TestNetwork) {
  const { net } = world;
  const listener = listen(net, 'b/p3', 80);
  const client = connect(net, 'a/p1', '10.244.2.7', 80);
  const accepted = net.sockets.accept(listener);
  if (!accepted.ok) throw new Error(accepted.error);
  return { listener, client, server: accepted.value.socket };
}

function read({ net }: TestNetwork, socket: number): string {
  const result = net.sockets.receive(socket);
  if (!result.ok) return result.error;
  return 'eof' in result.value ? 'eof' : text(result.value.bytes);
}

const dropTo = (port: number) => `*filter\n-A FORWARD -p tcp -m tcp --dport ${port} -j DROP\nCOMMIT\n`;

describe('a connection', () => {
  it('is made by three packets and ended by four', () => {
    const world = createTwoMachines();
    const { net } = world;
    const traces = capture(net, () => {
      const { client, server } = createPair(world);
      net.sockets.send(client, bytes('GET'));
      net.sockets.close(client);
      read(world, server);
      net.sockets.close(server);
    });
    expect(traces.map((trace) => trace.summary)).toEqual([
      'SYN',
      'SYN-ACK',
      'ACK',
      'PSH',
      'ACK',
      'FIN',
      'ACK',
      'FIN',
      'ACK',
    ]);
    expect(
      traces.every((trace) => trace.verdict.kind === 'delivered'),
      formatTrace(traces).join('\n'),
    ).toBe(true);
  });

  it('carries bytes both ways, and the end after them', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    expect(read(world, server)).toBe('EAGAIN');
    world.net.sockets.send(client, bytes('hello '));
    world.net.sockets.send(client, bytes('there'));
    expect(read(world, server)).toBe('hello there');
    world.net.sockets.send(server, bytes('hi'));
    world.net.sockets.close(server);
    expect([read(world, client), read(world, client), read(world, client)]).toEqual(['hi', 'eof', 'eof']);
  });

  it('can be written to after the other end has closed its own direction only by an RST in answer', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    world.net.sockets.close(server);
    expect(world.net.sockets.send(client, bytes('x'))).toEqual({ ok: true, value: undefined });
    expect(world.net.sockets.send(client, bytes('y'))).toEqual({ ok: false, error: 'ECONNRESET' });
    expect(world.net.sockets.send(client, bytes('z'))).toEqual({ ok: false, error: 'EPIPE' });
    expect(read(world, client)).toBe('eof');
  });

  it('carries more than one packet holds', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    const large = new Uint8Array(200_000).map((_, index) => index % 251);
    const traces = capture(world.net, () => void world.net.sockets.send(client, large));
    const received = world.net.sockets.receive(server);
    const arrived = received.ok && 'bytes' in received.value ? received.value.bytes : undefined;
    expect(arrived?.every((byte, index) => byte === large[index]) && arrived.length).toBe(large.length);
    expect(traces.filter((trace) => trace.summary === 'PSH')).toHaveLength(4);
  });

  it('does not share memory with the one who sends', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    const buffer = bytes('abc');
    world.net.sockets.send(client, buffer);
    buffer.fill(0);
    expect(read(world, server)).toBe('abc');
  });

  it('is reset when it is closed with bytes unread', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    world.net.sockets.send(client, bytes('unread'));
    world.net.sockets.close(server);
    expect(outcomeOf(world.net, client)).toBe('ECONNRESET');
    expect([read(world, client), read(world, client)]).toEqual(['ECONNRESET', 'eof']);
  });

  it('leaves nothing behind when both ends have closed', () => {
    const world = createTwoMachines();
    const { client, server, listener } = createPair(world);
    for (const socket of [client, server, listener]) world.net.sockets.close(socket);
    const left = ['a/p1', 'b/p3'].map((netns) =>
      world.net.inspect({ machine: '', netns, subject: 'sockets', args: null }),
    );
    expect(left).toEqual([
      { ok: true, value: [] },
      { ok: true, value: [] },
    ]);
    expect(world.queue.nextDueMs()).toBeUndefined();
  });

  it('stops answering when its end is taken away with its namespace, and times out', () => {
    const world = createTwoMachines();
    const { net, queue } = world;
    const told: number[] = [];
    net.sockets.onReady((socket) => told.push(socket));
    const { client, server } = createPair(world);
    net.removeNetns('b/p3');
    expect(told).toContain(server);
    expect(net.sockets.send(server, bytes('x'))).toEqual({ ok: false, error: 'EBADF' });
    expect(net.sockets.send(client, bytes('x')).ok).toBe(true);
    queue.advance(900_000);
    expect(outcomeOf(net, client)).toBe('established');
    queue.advance(200_000);
    expect(read(world, client)).toBe('EHOSTUNREACH');
  });

  it('survives packets that are lost for a while', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    world.net.iptablesRestore('a', dropTo(80));
    world.net.sockets.send(client, bytes('first '));
    world.net.sockets.send(client, bytes('second'));
    world.queue.advance(3_000);
    expect(read(world, server)).toBe('EAGAIN');
    world.net.iptablesRestore('a', '*filter\nCOMMIT\n');
    world.queue.advance(10_000);
    expect(read(world, server)).toBe('first second');
    expect(world.queue.nextDueMs()).toBeUndefined();
  });

  it('takes no more than it can hold from a peer that does not stop', () => {
    const world = createTwoMachines();
    const { client } = createPair(world);
    const chunk = new Uint8Array(1_048_576);
    const results = Array.from({ length: 40 }, () => world.net.sockets.send(client, chunk));
    expect(results.at(-1)).toEqual({ ok: false, error: 'EAGAIN' });
  });
});

describe('an attempt to connect', () => {
  it('repeats a SYN that nobody answers after 1, 3, 7, 15, 31 and 63 s, and gives up after 127 s', () => {
    const { net, queue } = createTwoMachines();
    net.iptablesRestore('a', dropTo(80));
    let socket = 0;
    const traces = capture(net, () => {
      socket = connect(net, 'a/p1', '10.244.2.7', 80);
      queue.advance(126_999);
      expect(outcomeOf(net, socket)).toBe('connecting');
      queue.advance(1);
    });
    expect(outcomeOf(net, socket)).toBe('ETIMEDOUT');
    expect(traces.map((trace) => trace.atMs / 1_000)).toEqual([0, 1, 3, 7, 15, 31, 63]);
  });

  it('hears after 3 s that nobody has the address', () => {
    const { net, queue } = createTwoMachines();
    const local = connect(net, 'a/p1', '10.244.1.99', 80);
    const remote = connect(net, 'a/p1', '10.244.2.99', 80);
    queue.advance(2_999);
    expect([local, remote].map((socket) => outcomeOf(net, socket))).toEqual(['connecting', 'connecting']);
    queue.advance(1);
    expect([local, remote].map((socket) => outcomeOf(net, socket))).toEqual(['EHOSTUNREACH', 'EHOSTUNREACH']);
  });

  it('succeeds by a repeated SYN when the other machine appears in time', () => {
    const { net, queue } = createTwoMachines();
    const socket = connect(net, 'a/p1', '10.244.2.99', 80);
    queue.advance(500);
    net.addAddress('b/p3', 'eth0', '10.244.2.99/32');
    listen(net, 'b/p3', 80);
    queue.advance(5_000);
    expect(outcomeOf(net, socket)).toBe('established');
  });

  it.each([
    ['10.99.0.1', 'ENETUNREACH'],
    ['10.244.1.255', 'ENETUNREACH'],
    ['224.0.0.1', 'ENETUNREACH'],
    ['no address', 'EINVAL'],
  ])('to %s fails at once with %s where there is no default route', (address, error) => {
    const { net } = createTwoMachines();
    net.removeRoute('a/p1', 'default');
    expect(net.sockets.connect({ netns: 'a/p1', address, port: 80, pid: 1 })).toEqual({ ok: false, error });
  });

  it('to 0.0.0.0 reaches the machine itself', () => {
    const { net } = createTwoMachines();
    listen(net, 'a', 80, { address: '127.0.0.1' });
    const socket = connect(net, 'a', '0.0.0.0', 80);
    expect(net.sockets.name(socket)?.peer).toEqual({ address: '127.0.0.1', port: 80 });
    expect(outcomeOf(net, socket)).toBe('established');
  });

  it('takes a source address that is its own, and no other', () => {
    const { net } = createTwoMachines();
    const ask = (sourceAddress: string) =>
      net.sockets.connect({ netns: 'a', address: '10.244.2.7', port: 80, pid: 1, sourceAddress });
    const own = ask('10.244.1.1');
    expect(own.ok && net.sockets.name(own.value)?.local.address).toBe('10.244.1.1');
    expect(ask('10.244.1.5')).toEqual({ ok: false, error: 'EADDRNOTAVAIL' });
  });

  it('gets a local port of 32768 to 60999, the same for the same seed', () => {
    const ports = ['x', 'x', 'y'].map((seed) => {
      const { net } = createTwoMachines(seed);
      return net.sockets.name(connect(net, 'a', '10.244.2.7', 80))?.local.port ?? 0;
    });
    expect(ports[0]).toBe(ports[1]);
    expect(ports[0]).not.toBe(ports[2]);
    expect(ports.every((port) => port >= 32_768 && port <= 60_999)).toBe(true);
  });
});

describe('a listener', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0', 'EADDRINUSE'],
    ['0.0.0.0', '10.244.2.7', 'EADDRINUSE'],
    ['10.244.2.7', '0.0.0.0', 'EADDRINUSE'],
    ['10.244.2.7', '10.244.2.7', 'EADDRINUSE'],
    ['10.244.2.7', '127.0.0.1', 'listening'],
    ['127.0.0.1', '127.0.0.2', 'listening'],
    ['0.0.0.0', '10.244.2.8', 'EADDRNOTAVAIL'],
    ['0.0.0.0', 'web', 'EINVAL'],
  ])('on %s, and one on %s with the same port: %s', (first, second, want) => {
    const { net } = createTwoMachines();
    listen(net, 'b/p3', 80, { address: first });
    const other = net.sockets.listen({ netns: 'b/p3', protocol: 'tcp', address: second, port: 80, pid: 1 });
    expect(other.ok ? net.sockets.status(other.value).state : other.error).toBe(want);
  });

  it('on one address is preferred to the one on all', () => {
    const { net } = createTwoMachines();
    listen(net, 'b/p3', 81);
    const loopback = listen(net, 'b/p3', 80, { address: '127.0.0.1' });
    const outside = listen(net, 'b/p3', 80, { address: '10.244.2.7' });
    connect(net, 'b/p3', '127.0.0.1', 80);
    expect([loopback, outside].map((socket) => net.sockets.isReadable(socket))).toEqual([true, false]);
  });

  it('frees its port and resets those who wait when it closes', () => {
    const { net } = createTwoMachines();
    const listener = listen(net, 'b/p3', 80);
    const waiting = connect(net, 'a/p1', '10.244.2.7', 80);
    net.sockets.close(listener);
    expect(outcomeOf(net, waiting)).toBe('ECONNRESET');
    listen(net, 'b/p3', 80);
  });

  it('lets as many wait as somaxconn says; who comes later tries again', () => {
    const { net, queue } = createTwoMachines();
    const listener = listen(net, 'b/p3', 80);
    for (let index = 0; index < 4_096; index += 1) connect(net, 'a/p1', '10.244.2.7', 80);
    const late = connect(net, 'a/p1', '10.244.2.7', 80);
    expect(outcomeOf(net, late)).toBe('connecting');
    net.sockets.accept(listener);
    queue.advance(1_000);
    expect(outcomeOf(net, late)).toBe('established');
  });
});

describe('the end of a process', () => {
  it('closes all of its sockets', () => {
    const { net } = createTwoMachines();
    listen(net, 'b/p3', 80, { pid: 7 });
    listen(net, 'b/p3', 53, { pid: 7, protocol: 'udp' });
    expect(net.sockets.listenersOf(7)).toEqual([
      { protocol: 'tcp', local: { address: '0.0.0.0', port: 80 } },
      { protocol: 'udp', local: { address: '0.0.0.0', port: 53 } },
    ]);
    net.sockets.closeAllOf(7);
    expect(net.sockets.listenersOf(7)).toEqual([]);
    expect(outcomeOf(net, connect(net, 'a/p1', '10.244.2.7', 80))).toBe('ECONNREFUSED');
  });
});

describe('a fork', () => {
  it('goes on with open connections and running timers, and gives the same traces as its parent', () => {
    const world = createTwoMachines();
    const { client, server } = createPair(world);
    world.net.iptablesRestore('b', dropTo(81));
    const lost = connect(world.net, 'a/p1', '10.244.2.7', 81);
    world.net.sockets.send(client, bytes('before'));
    const copy = world.fork();
    const goOn = (each: TestNetwork) =>
      capture(each.net, () => {
        each.net.sockets.send(client, bytes(' after'));
        expect(read(each, server)).toBe('before after');
        each.queue.advance(127_000);
        expect(outcomeOf(each.net, lost)).toBe('ETIMEDOUT');
        connect(each.net, 'a/p2', '10.244.2.7', 80);
      });
    const traces = goOn(copy);
    expect(traces.length).toBeGreaterThan(8);
    expect(goOn(world)).toEqual(traces);
  });

  it('does not see what its parent does', () => {
    const world = createTwoMachines();
    const copy = world.fork();
    world.net.removeNetns('b/p3');
    listen(copy.net, 'b/p3', 80);
    expect(outcomeOf(copy.net, connect(copy.net, 'a/p1', '10.244.2.7', 80))).toBe('established');
  });
});
