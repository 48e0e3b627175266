// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the scripts are for the shell
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../base/limits.ts';
import { twoMachines } from '../testing/two-machines.ts';

/** Runs a script by `sh -c`; what it prints is expected of any POSIX shell. Recorded with busybox 1.35 ash where not obvious. */
function sh(script: string, ...args: readonly string[]) {
  return twoMachines().run('client', ['sh', '-c', script, ...args]);
}

describe('a script', () => {
  it.each([
    { script: 'echo a b; echo c', want: 'a b\nc\n' },
    { script: 'x=1; echo "$x" \'$x\' ${x}2 ${y:-none} ${x:+set}', want: '1 $x 12 none set\n' },
    { script: 'echo $(echo inner; echo two)', want: 'inner two\n' },
    { script: 'echo "$(printf "a\\nb\\n\\n")"', want: 'a\nb\n' },
    { script: 'echo `echo tick`', want: 'tick\n' },
    { script: 'i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done', want: '0\n1\n2\n' },
    { script: 'until [ "$n" = xxx ]; do n=x$n; done; echo $n', want: 'xxx\n' },
    { script: 'for f in a b c; do echo -n "$f."; done', want: 'a.b.c.' },
    { script: 'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done', want: '1\n3\n' },
    { script: 'while true; do echo once; break; done', want: 'once\n' },
    { script: 'if false; then echo a; elif true; then echo b; else echo c; fi', want: 'b\n' },
    { script: 'case foo.txt in *.md) echo md;; *.txt|*.log) echo text;; esac', want: 'text\n' },
    { script: 'f() { echo "got $1 of $#"; return 3; }; f x y; echo $?', want: 'got x of 2\n3\n' },
    { script: 'true && echo yes || echo no; false && echo yes || echo no', want: 'yes\nno\n' },
    { script: '! false; echo $?', want: '0\n' },
    { script: 'echo one | { read x; echo "<$x>"; }', want: '<one>\n' },
    { script: 'printf "b\\na\\n" | while read l; do echo "[$l]"; done', want: '[b]\n[a]\n' },
    { script: '(x=2; echo $x); echo "x=$x"', want: '2\nx=\n' },
    {
      script: 'echo hi > /tmp/f; echo there >> /tmp/f; while read l; do echo "=$l"; done < /tmp/f',
      want: '=hi\n=there\n',
    },
    { script: 'echo out; echo err >&2', want: 'out\n' },
    { script: 'echo hidden > /dev/null; echo err 2>/dev/null >&2; echo seen', want: 'seen\n' },
    { script: 'x=world\nwhile read l; do echo "$l"; done <<EOF\nhello $x\nEOF', want: 'hello world\n' },
    { script: 'echo "$@" $#', args: ['sh', 'a b', 'c'], want: 'a b c 2\n' },
    { script: 'for a in "$@"; do echo "<$a>"; done', args: ['sh', 'a b', 'c'], want: '<a b>\n<c>\n' },
    { script: 'shift; echo $1', args: ['sh', 'a', 'b'], want: 'b\n' },
    { script: 'x="a  b"; echo $x; echo "$x"', want: 'a b\na  b\n' },
    {
      script: 'p=/usr/share/x.tar.gz; echo ${p##*/} ${p%.gz} ${p%%.*} ${p#/usr} ${#p}',
      want: 'x.tar.gz /usr/share/x.tar /usr/share/x /share/x.tar.gz 19\n',
    },
    { script: 'echo $((2 + 3 * 4)) $((1 << 4)) $((7 / 2)) $((7 % 4)) $(( (1+2)*3 ))', want: '14 16 3 3 9\n' },
    { script: 'printf "%s=%d\\n" a 1 b 2', want: 'a=1\nb=2\n' },
    { script: 'cd /tmp; pwd; cd /; pwd', want: '/tmp\n/\n' },
    { script: 'eval "echo $((1+1))"', want: '2\n' },
    { script: 'trap "echo bye" EXIT; echo work', want: 'work\nbye\n' },
    { script: 'echo a; exit 3; echo b', want: 'a\n', code: 3 },
    { script: 'set -e; false; echo not reached', want: '', code: 1 },
    { script: 'set -e; false || true; if false; then :; fi; echo reached', want: 'reached\n' },
    { script: '[ -f /bin/sh ] && [ ! -d /bin/sh ] && [ -d /tmp ] && echo ok', want: 'ok\n' },
    { script: '[ 3 -gt 2 -a 1 = 1 ] && echo ok', want: 'ok\n' },
    { script: 'touch /tmp/b.x /tmp/a.x; echo /tmp/*.x /tmp/*.y', want: '/tmp/a.x /tmp/b.x /tmp/*.y\n' },
    { script: 'echo {a,b}c x{1..3}', want: 'ac bc x1 x2 x3\n' },
    { script: 'command -v sh', want: '/bin/sh\n' },
    { script: 'f() { g; }; g() { echo deep; }; (f)', want: 'deep\n' },
    { script: 'x=$(exit 4); echo $?', want: '4\n' },
    { script: 'A=1 sh -c \'echo $A\'; echo "[$A]"', want: '1\n[]\n' },
    { script: "export B=2; sh -c 'echo $B'", want: '2\n' },
    { script: 'exec sh -c "echo replaced"; echo never', want: 'replaced\n' },
    { script: 'sh -c "exit 5" & wait $!; echo $?', want: '5\n' },
  ])('$script', ({ script, args, want, code }) => {
    expect(sh(script, ...(args ?? []))).toMatchObject({ out: want, code: code ?? 0 });
  });

  it.each([
    { script: 'nope', err: 'sh: nope: not found\n', code: 127 },
    { script: '/tmp', err: 'sh: /tmp: Permission denied\n', code: 126 },
    { script: 'echo x > /nowhere/f', err: "sh: can't create /nowhere/f: nonexistent directory\n", code: 1 },
    { script: 'read x < /nope', err: "sh: can't open /nope: no such file\n", code: 1 },
    { script: 'cd /nope', err: "sh: cd: line 0: can't cd to /nope: No such file or directory\n", code: 2 },
    { script: 'set -u; echo $nope', err: 'sh: nope: parameter not set\n', code: 2 },
    { script: 'echo ${x?is missing}', err: 'sh: x: is missing\n', code: 2 },
    { script: 'echo $((1/0))', err: 'sh: divide by zero\n', code: 2 },
  ])('fails with the words of ash: $script', ({ script, err, code }) => {
    expect(sh(script)).toEqual({ out: '', err, code });
  });

  it('refuses what it cannot parse with exit code 2', () => {
    expect(sh('echo "open')).toMatchObject({ out: '', code: 2 });
  });

  it.each([
    'while true; do :; done',
    'f() { f; }; f',
    'x=a; while :; do x=$x$x; done',
    ':(){ :|:& };:',
    'while true; do echo spam; done',
  ])('ends by itself, whatever it does: %s', (script) => {
    const machines = twoMachines({ ...defaultLimits, maxProcessSteps: 5000, maxProcesses: 50 });
    const pid = machines.start('client', ['sh', '-c', script]);
    machines.queue.settle();
    expect(machines.processes.isRunning(pid)).toBe(false);
  });

  it('reads commands from standard input, line by line', () => {
    const machines = twoMachines();
    const script = 'x=1\nif [ $x = 1 ]\nthen echo yes\nfi\necho $x';
    expect(machines.feed('client', ['sh'], script)).toEqual({ out: 'yes\n1\n', err: '', code: 0 });
  });

  it('prompts when it has a terminal', () => {
    const machines = twoMachines();
    const pid = machines.start('client', ['sh'], { stdinOpen: true, tty: true });
    machines.processes.writeStdin(pid, new TextEncoder().encode('echo hi\nexit\n'));
    machines.queue.settle();
    expect(machines.ran(pid)).toEqual({ out: '/ # hi\n/ # ', err: '', code: 0 });
  });

  it('keeps a loop that sleeps from growing, however long it runs', () => {
    const machines = twoMachines({ ...defaultLimits, maxProcessSteps: 5000 });
    const pid = machines.start('client', ['sh', '-c', 'while true; do i=$((i+1)); echo $i; sleep 5; done']);
    machines.queue.advance(5 * 4000 * 1000);
    expect(machines.ran(pid)).toMatchObject({ code: undefined, out: expect.stringMatching(/\n4001\n$/) });
    expect(machines.logLength(pid)).toBeLessThan(10);
  });
});
