import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startClock } from './clock.ts';
import { forwardOverChannels } from './port-forward.ts';
import { maxUnreadBytes } from './unread.ts';

/** Nothing but a clock that turns when it is told to. */
const idle = {
  send: () => ({ type: 'text', code: 200, warnings: [], body: '' }) as const,
  settle() {},
  advance() {},
  now: () => 0,
};

it('lets a client of channels go that does not read, and ends the connection into the Pod', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const sockets = new WebSocketServer({ server });
  const accepted = new Promise<WebSocket>((resolve) => sockets.once('connection', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  client.on('error', () => {});
  const socket = await accepted;
  client.pause();
  const chunk = new Uint8Array(4 * 1024 * 1024);
  const clock = startClock(idle, true);
  let isClosed = false;
  let given = 0;
  const connection = {
    read() {
      given += chunk.length;
      return chunk;
    },
    write() {},
    closeWrite() {},
    isEnded: () => false,
    failure: () => undefined,
    close() {
      isClosed = true;
    },
  };
  forwardOverChannels(socket, { connect: () => connection }, { ports: [80], clock });
  const isOver = new Promise((resolve) => socket.once('close', resolve));
  // Twice what may wait, and what the machine's own buffers take.
  for (let turn = 0; turn < 40 && socket.readyState === WebSocket.OPEN; turn += 1) clock.ran();
  expect(socket.readyState).not.toBe(WebSocket.OPEN);
  await isOver;
  expect(isClosed).toBe(true);
  expect(given).toBeLessThan(2 * maxUnreadBytes);
  clock.stop();
  client.terminate();
  server.close();
});
