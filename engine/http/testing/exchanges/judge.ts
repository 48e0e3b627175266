/** A real kube-apiserver with an etcd of its own, for as long as a recording takes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from './send.ts';

/** A server that runs until it is stopped. */
export interface Judge extends Endpoint {
  stop(): void;
}

const token = 'judge';
const port = 16443;
const etcdPort = 12379;

/** Starts the binaries `etcd` and `kube-apiserver` of a folder, with the addresses of the simulated cluster. */
export async function startJudge(binaries: string): Promise<Judge> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedrill-judge-'));
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(folder, 'sa.pub'), keys.publicKey);
  writeFileSync(join(folder, 'sa.key'), keys.privateKey);
  writeFileSync(join(folder, 'tokens'), `${token},kubernetes-admin,admin,"system:masters"\n`);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${etcdPort + 1}`;
  const run = (name: string, args: readonly string[]): ChildProcess =>
    spawn(join(binaries, name), args, { cwd: folder, stdio: 'ignore' });
  const processes = [
    run('etcd', [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
    ]),
    run('kube-apiserver', [
      `--etcd-servers=${etcdUrl}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=172.18.0.2',
      `--cert-dir=${folder}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=AlwaysAllow',
      '--allow-privileged=true',
      `--token-auth-file=${join(folder, 'tokens')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    ]),
  ];
  const stop = (): void => {
    for (const child of processes) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 240; attempt += 1) {
    if (await isReady()) return { port, token, watchMs: 1_500, stop };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  stop();
  throw new Error('kube-apiserver did not get ready within two minutes');
}

function isReady(): Promise<boolean> {
  const options = {
    host: '127.0.0.1',
    port,
    path: '/readyz',
    headers: { authorization: `Bearer ${token}` },
    rejectUnauthorized: false,
  };
  return new Promise((resolve) => {
    const asking = get(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('error', () => resolve(false));
  });
}
