/**
 * The API server on a loopback port, for the real kubectl and client libraries: TLS, a bearer token, and the one door
 * behind it. It stands for kube-apiserver's secure port.
 *
 * Left out: HTTP/2 and compression, which clients do without.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ProtobufTypes } from '../api/decode/decode-protobuf.ts';
import { failure } from '../api/status.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type AccessRules, refuseAccess } from './access.ts';
import type { HttpBackend } from './backend.ts';
import { createCertificate } from './certificate.ts';
import { type ServedClock, startClock } from './clock.ts';
import { type WrittenKubeconfig, writeKubeconfig } from './kubeconfig-file.ts';
import { createProtobufTypes, withBody } from './read-object.ts';
import { readBody, readHead } from './read-request.ts';
import { createUpgrades, refuseUpgrade } from './upgrade.ts';
import { writeProxied } from './write-proxied.ts';
import { writeResponse, writeStatus } from './write-response.ts';

/** How a cluster is served. */
export interface ServeOptions {
  /** The file that the cluster's entry is put into. */
  readonly kubeconfig: string;
  /** A free one when absent. */
  readonly port?: number;
  /** Time passes only as far as each request's work needs. */
  readonly isFrozen?: boolean;
  /** The name of the entry; `kubedrill` when absent. */
  readonly name?: string;
}

/** A cluster that is being served. */
export interface ServedApi {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** The kubeconfig's context. */
  readonly context: string;
  /** Cuts every connection, as a network that fails does; the server goes on. */
  dropConnections(): void;
  /** Ends every stream and the server, and takes the entry out of the kubeconfig; a failure says what was left behind. */
  close(): Promise<Result<void, string>>;
}

const defaultName = 'kubedrill';
const host = '127.0.0.1';

/** Serves a cluster until it is closed. A failure is one line: the port is taken, the kubeconfig can't be written. */
export async function serveApi(
  backend: HttpBackend,
  options: ServeOptions,
): Promise<Result<ServedApi, string>> {
  const { certificate, privateKey } = await createCertificate();
  const token = randomBytes(24).toString('base64url');
  const server = createServer({ cert: certificate, key: privateKey, ALPNProtocols: ['http/1.1'] });
  const listening = await listen(server, options.port ?? 0);
  if (!listening.ok) return listening;
  const port = listening.value;
  const clock = startClock(backend, options.isFrozen ?? false);
  const closeConnections = answerRequests(server, {
    backend,
    clock,
    access: { token, port },
    types: createProtobufTypes(),
  });
  const url = `https://${host}:${port}`;
  const stop = async (): Promise<void> => {
    clock.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    closeConnections();
    await closed;
  };
  const { name = defaultName } = options;
  const entry = { name, server: url, certificate, token };
  const written: Result<WrittenKubeconfig, string> = writeKubeconfig(options.kubeconfig, entry);
  if (!written.ok) {
    await stop();
    return written;
  }
  return ok({
    url,
    context: name,
    dropConnections: () => server.closeAllConnections(),
    async close() {
      const removed = written.value.remove();
      await stop();
      return removed;
    },
  });
}

function listen(server: Server, port: number): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      resolve(err(isTaken ? `port ${port} on ${host} is in use; choose another` : error.message));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(ok(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

interface AnsweringParts {
  readonly backend: HttpBackend;
  readonly clock: ServedClock;
  readonly access: AccessRules;
  readonly types: ProtobufTypes;
}

/** Wires the server to the door; the returned function ends everything that is still open. */
function answerRequests(server: Server, parts: AnsweringParts): () => void {
  const upgrades = createUpgrades(parts);
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    answerRequest(message, response, parts).catch((error: unknown) => {
      // A client that went away; anything else is our bug and must not end the server for everybody.
      if (response.headersSent) response.destroy();
      else writeStatus(response, failure('InternalError', `Internal error occurred: ${String(error)}`));
    });
  });
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refuseAccess(message, parts.access);
    if (refusal === undefined) upgrades.handle({ message, socket, head });
    else refuseUpgrade(socket, { ...refusal });
  });
  return () => {
    upgrades.closeAll();
    server.closeAllConnections();
  };
}

async function answerRequest(
  message: IncomingMessage,
  response: ServerResponse,
  { backend, clock, access, types }: AnsweringParts,
): Promise<void> {
  const refusal = refuseAccess(message, access);
  if (refusal !== undefined) return writeStatus(response, refusal);
  const head = readHead(message);
  if (!head.ok) return writeStatus(response, head.error);
  const body = await readBody(message);
  if (!body.ok) return writeStatus(response, body.error);
  const request = withBody(head.value, body.value, types);
  if (!request.ok) return writeStatus(response, request.error);
  const answer = backend.send({ ...request.value, isFromOutside: true });
  if (answer.type === 'session' || answer.type === 'port-forward') {
    // Nothing can be streamed to a client that did not ask for a connection of its own.
    if (answer.type === 'session') answer.session.close();
    return writeStatus(response, failure('BadRequest', 'Upgrade request required'));
  }
  if (answer.type === 'proxied') writeProxied(response, answer.exchange, clock);
  else writeResponse(response, request.value, answer, clock);
  clock.ran();
}
