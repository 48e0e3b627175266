/**
 * Certificates by the name that TLS asks for, and what curl says of them: its messages and exit codes as measured with
 * curl 7.88 and OpenSSL 3.0 against a server with the same certificates.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, createCluster } from '../../cluster.ts';
import type { Shell } from '../../shell/shell.ts';
import { runLines } from '../../testing/run-lines.ts';

let cluster: Cluster;
let shell: Shell;
const address = '203.0.113.1';
const fake = 'CN=Kubernetes Ingress Controller Fake Certificate';

const certificate = (file: string, host: string) =>
  `openssl req -x509 -newkey rsa:1024 -nodes -keyout ${file}.key -out ${file}.crt -days 30 -subj '/CN=${host}' -addext 'subjectAltName=DNS:${host}'`;

beforeAll(async () => {
  cluster = createCluster({ seed: 'ingress-tls', addons: ['ingress-nginx'] });
  shell = await cluster.openShell();
  await run(
    'kubectl create deployment web --image traefik/whoami',
    'kubectl expose deployment web --port 80',
    certificate('x', 'x.test'),
    certificate('wild', '*.wild.test'),
    certificate('other', 'other.test'),
    'echo nothing > none.crt',
    'kubectl create secret tls x --cert=x.crt --key=x.key',
    'kubectl create secret tls wild --cert=wild.crt --key=wild.key',
    'kubectl create secret generic opaque --from-file=x.crt',
    'kubectl create secret tls other --cert=other.crt --key=other.key',
    `kubectl create ingress web --class nginx --annotation nginx.ingress.kubernetes.io/ssl-redirect=false \
      --rule 'x.test/*=web:80,tls=x' --rule '*.wild.test/*=web:80,tls=wild' --rule 'opaque.test/*=web:80,tls=opaque' \
      --rule 'missing.test/*=web:80,tls=missing' --rule 'name.test/*=web:80,tls=other' --rule 'plain.test/*=web:80'`,
  );
});

async function run(...lines: readonly string[]): Promise<void> {
  await runLines(cluster, lines, shell);
}

const hosts = [
  'x.test',
  'y.test',
  'a.wild.test',
  'a.b.wild.test',
  'opaque.test',
  'missing.test',
  'name.test',
  'plain.test',
];
const curl = (words: string) =>
  shell.run(
    `curl ${hosts.flatMap((host) => [80, 443].map((port) => `--resolve ${host}:${port}:${address}`)).join(' ')} ${words}`,
  );

describe('the certificate that is shown', () => {
  it.each([
    ['x.test', 'CN=x.test'],
    ['a.wild.test', 'CN=*.wild.test'],
    ['a.b.wild.test', fake],
    ['opaque.test', fake],
    ['missing.test', fake],
    ['name.test', fake],
    ['plain.test', fake],
    ['y.test', fake],
  ])('for %s is %s', async (host, subject) => {
    const { stderr } = await curl(`-skv -o /dev/null https://${host}/`);
    expect(/subject: (?:.*; |.*, )?(CN=.*)$/m.exec(stderr)?.[1]).toBe(subject);
  });

  it('says in events why it is the fake one', async () => {
    const { stdout } = await shell.run('kubectl events --for ingress/web --types Warning');
    expect(stdout).toContain('key \'tls.crt\' missing from Secret "default/opaque"');
    expect(stdout).toContain('secret "default/missing" was not found');
    expect(stdout).toContain('Common Name or Subject Alternative Name for server "name.test"');
  });
});

describe('curl', () => {
  const help = 'More details here: https://curl.se/docs/sslcerts.html';
  const selfSigned = 'curl: (60) SSL certificate problem: self-signed certificate';
  it.each<readonly [string, number, string]>([
    ['-sS -k -o /dev/null https://x.test/', 0, ''],
    ['-sS --cacert x.crt -o /dev/null https://x.test/', 0, ''],
    ['-sS --cacert wild.crt -o /dev/null https://a.wild.test/', 0, ''],
    [`-sS --cacert x.crt -o /dev/null --connect-to x.test:443:${address}:443 https://x.test/`, 0, ''],
    ['-sS --tlsv1.3 -k -o /dev/null https://x.test/', 0, ''],
    ['-sS https://x.test/', 60, selfSigned],
    ['-s https://x.test/', 60, ''],
    ['-sS --cacert other.crt https://x.test/', 60, selfSigned],
    [
      '-sS --cacert missing.crt https://x.test/',
      77,
      'curl: (77) error setting certificate file: missing.crt',
    ],
    ['-sS --cacert none.crt https://x.test/', 77, 'curl: (77) error setting certificate file: none.crt'],
  ])('%s', async (words, code, message) => {
    const { exitCode, stderr } = await curl(words);
    expect([exitCode, stderr.split('\n')[0]]).toEqual([code, message]);
    expect(stderr.includes(help)).toBe(code === 60 && message !== '');
  });

  it.each([
    ['-sk', '200 18 https'],
    ['-s', '000 18 https'],
    ['-s --cacert x.crt', '200 0 https'],
  ])('%s tells what came of the verification', async (words, want) => {
    const { stdout } = await curl(
      `${words} -o /dev/null -w '%{http_code} %{ssl_verify_result} %{scheme}' https://x.test/`,
    );
    expect(stdout).toBe(want);
  });

  it('is told by a port of TLS that it speaks plain HTTP', async () => {
    expect((await curl('-s http://x.test:443/ --resolve x.test:443:203.0.113.1')).stdout).toContain(
      'The plain HTTP request was sent to HTTPS port',
    );
  });
});

it('shows the default certificate of --default-ssl-certificate where no other fits', async () => {
  await run(
    `kubectl patch deployment ingress-nginx-controller -n ingress-nginx --type json -p '[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"--default-ssl-certificate=default/other"}]'`,
    'kubectl rollout status deployment ingress-nginx-controller -n ingress-nginx',
  );
  const { stderr } = await curl('-skv -o /dev/null https://plain.test/');
  expect(stderr).toContain('subject: CN=other.test');
});

it('sees the client itself with externalTrafficPolicy Local, and a node with Cluster', async () => {
  const seen = async () => (await curl('-s http://x.test/')).stdout.match(/X-Real-[Ii][Pp]: (\S+)/)?.[1];
  expect(await seen()).toBe('198.51.100.10');
  await run(
    `kubectl patch service ingress-nginx-controller -n ingress-nginx -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'`,
  );
  expect(await seen()).toMatch(/^172\.18\.0\.\d$/);
});
