/**
 * The sockets of one network namespace: servers that tell each client who it reached and as whom it came, and clients.
 * Reads one JSON request a line, answers a line each with the same id; see controller.mjs.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { createInterface } from 'node:readline';

let netns = '';

/**
 * No source port comes twice in a namespace: the kernel remembers UDP flows for up to two minutes, longer than a
 * situation lasts, and would lead a new flow from the same port where the last situation's rules sent the old one.
 * They lie above all nodePorts, in the range that Linux itself takes such ports from (ip_local_port_range).
 */
const sourcePorts = { next: 33_000, end: 61_000 };

function takeSourcePort() {
  if (sourcePorts.next === sourcePorts.end) throw new Error(`${netns} has used up its source ports`);
  sourcePorts.next += 1;
  return sourcePorts.next - 1;
}
const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function listenTcp({ address, port }) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      const answer = JSON.stringify({ at: netns, port: socket.localPort, source: socket.remoteAddress });
      socket.once('data', () => socket.end(answer));
    });
    server.once('error', reject);
    server.listen({ host: address, port }, resolve);
  });
}

function listenUdp({ address, port }) {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', reject);
    socket.on('message', (_, peer) => {
      const answer = JSON.stringify({ at: netns, port, source: peer.address });
      socket.send(answer, peer.port, peer.address, () => undefined);
    });
    socket.bind({ address, port }, resolve);
  });
}

function flowTcp({ id, address, port, timeoutMs }) {
  const socket = net.connect({ host: address, port, family: 4, localPort: takeSourcePort() });
  let text = '';
  const done = (answer) => {
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.destroy();
    reply({ id, ...answer });
  };
  const timer = setTimeout(() => done({ outcome: 'ETIMEDOUT' }), timeoutMs);
  socket.on('error', ({ code }) => done({ outcome: code }));
  socket.on('connect', () => socket.write('hello\n'));
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.on('end', () => done({ outcome: 'connected', ...JSON.parse(text) }));
}

function flowUdp({ id, address, port, timeoutMs }) {
  const socket = dgram.createSocket('udp4');
  const done = (answer) => {
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on('error', () => undefined);
    socket.close();
    reply({ id, ...answer });
  };
  const timer = setTimeout(() => done({ outcome: 'ETIMEDOUT' }), timeoutMs);
  socket.on('error', ({ code }) => done({ outcome: code }));
  socket.on('message', (bytes) => done({ outcome: 'connected', ...JSON.parse(String(bytes)) }));
  socket.bind(takeSourcePort(), () => {
    socket.connect(port, address, (error) => {
      if (error) done({ outcome: error.code });
      else
        socket.send('probe\n', (failed) => {
          if (failed) done({ outcome: failed.code });
        });
    });
  });
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line);
    if (request.do === 'listen') {
      netns = request.netns;
      const started = request.listeners.map((listener) =>
        listener.protocol === 'tcp' ? listenTcp(listener) : listenUdp(listener),
      );
      Promise.all(started).then(
        () => reply({ id: request.id }),
        (error) => reply({ id: request.id, error: String(error) }),
      );
    } else if (request.protocol === 'tcp') flowTcp(request);
    else flowUdp(request);
  })
  .on('close', () => process.exit(0));
