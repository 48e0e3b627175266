import { expect, it } from 'vitest';
import { mainConfiguration } from './servers/nginx-pages.ts';
import { forkMachines, twoMachines } from './testing/two-machines.ts';

/** Every program that lives long, with what shows that it does. */
it.each([
  { server: ['agnhost', 'netexec'], ask: ['curl', '-s', 'http://10.0.0.1:8080/echo?msg=hi'] },
  {
    server: ['agnhost', 'netexec'],
    ask: ['agnhost', 'connect', '10.0.0.1:8081', '--protocol=udp', '--timeout=1s'],
  },
  { server: ['agnhost', 'serve-hostname'], ask: ['curl', '-s', 'http://10.0.0.1:9376'] },
  {
    server: ['agnhost', 'serve-hostname', '--udp', '--http=false'],
    ask: ['agnhost', 'connect', '10.0.0.1:9376', '--protocol=udp', '--timeout=1s'],
  },
  { server: ['agnhost', 'pause'], ask: ['ping', '-c', '1', '10.0.0.1'] },
  { server: ['apache'], ask: ['curl', '-s', 'http://10.0.0.1/'] },
  { server: ['coredns'], ask: ['nc', '-zv', '10.0.0.1', '8181'] },
  { server: ['echoserver'], ask: ['curl', '-s', 'http://10.0.0.1:8080/'] },
  { server: ['hello-app'], ask: ['curl', '-s', 'http://10.0.0.1:8080/'] },
  { server: ['http-echo', '-text=hi'], ask: ['curl', '-s', 'http://10.0.0.1:5678/'] },
  { server: ['busybox', 'httpd', '-f', '-p', '80', '-h', '/tmp'], ask: ['curl', '-s', 'http://10.0.0.1/'] },
  { server: ['nginx', '-g', 'daemon off;'], ask: ['curl', '-s', 'http://10.0.0.1/'] },
  { server: ['node-greeter'], ask: ['curl', '-s', 'http://10.0.0.1:8080/'] },
  { server: ['pause'], ask: ['ping', '-c', '1', '10.0.0.1'] },
  { server: ['python', '-m', 'http.server', '8000'], ask: ['curl', '-s', 'http://10.0.0.1:8000/'] },
  { server: ['redis-server'], ask: ['redis-cli', '-h', '10.0.0.1', 'ping'] },
  { server: ['mongod'], ask: ['nc', '-zv', '10.0.0.1', '27017'] },
  { server: ['whoami-server'], ask: ['curl', '-s', 'http://10.0.0.1/'] },
  {
    server: ['sh', '-c', 'while true; do i=$((i+1)); echo $i; sleep 1; done'],
    ask: ['ping', '-c', '1', '10.0.0.1'],
  },
  {
    server: ['sh', '-c', 'n=3; for i in $(seq 1 100); do echo $i$n; sleep 1; done'],
    ask: ['ping', '-c', '1', '10.0.0.1'],
  },
  { server: ['sh', '-c', '(while sleep 1; do date; done) & wait'], ask: ['ping', '-c', '1', '10.0.0.1'] },
  {
    server: ['sh', '-c', 'f() { sleep 1; echo $1; }; until false; do f x | cat; done'],
    ask: ['ping', '-c', '1', '10.0.0.1'],
  },
  { server: ['nc', '-l', '-k', '-p', '9000'], ask: ['nc', '-zv', '10.0.0.1', '9000'] },
])('$server goes on in a fork as it does in the original', ({ server, ask }) => {
  const original = twoMachines();
  original.write(
    'server',
    '/etc/nginx/nginx.conf',
    mainConfiguration.replace('include /etc/nginx/conf.d/*.conf;', 'server { listen 80; return 200 ok; }'),
  );
  const pid = original.start('server', server);
  original.run('client', ask);
  original.queue.advance(3500);
  const forks = [original, forkMachines(original), forkMachines(forkMachines(original))];
  const outcomes = forks.map((machines) => {
    const asked = machines.run('client', ask);
    machines.queue.advance(5000);
    return { asked, server: machines.ran(pid) };
  });
  expect(outcomes[0]?.server.code).toBeUndefined();
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
});
