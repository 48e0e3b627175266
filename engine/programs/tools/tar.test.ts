/** tar, against what GNU tar 1.34 printed for the same lines, and archives against a reader of another hand. */
import { describe, expect, it } from 'vitest';
import { decodeArchive, encodeMember, endOfArchive } from '../../base/tar-archive.ts';
import { twoMachines } from '../testing/two-machines.ts';

function withFiles() {
  const world = twoMachines();
  const run = (line: string) => world.run('client', ['sh', '-c', line]);
  run('mkdir -p /tmp/tt/d/e; echo hi > /tmp/tt/d/a; echo yo > /tmp/tt/d/e/b');
  return run;
}

describe('tar', () => {
  it.each([
    {
      line: 'tar cf - /tmp/tt/d | tar tf -',
      out: 'tmp/tt/d/\ntmp/tt/d/a\ntmp/tt/d/e/\ntmp/tt/d/e/b\n',
      err: "tar: Removing leading `/' from member names\n",
    },
    { line: 'tar cf - d/a | wc -c', out: '10240\n' },
    {
      line: 'tar cf /tmp/x nope',
      err: 'tar: nope: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n',
      code: 2,
    },
    {
      line: 'echo garbage | tar xf -',
      err: 'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n',
      code: 2,
    },
    {
      line: 'tar xf missing.tar',
      err: 'tar: missing.tar: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n',
      code: 2,
    },
    {
      line: 'tar',
      err: "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n",
      code: 2,
    },
    {
      line: 'tar -q',
      err: "tar: invalid option -- 'q'\nTry 'tar --help' or 'tar --usage' for more information.\n",
      code: 2,
    },
    {
      line: 'tar cf - d | tar -xvmf - -C /tmp/o --no-same-permissions --no-same-owner; cat /tmp/o/d/e/b',
      out: 'd/\nd/a\nd/e/\nd/e/b\nyo\n',
    },
    {
      line: 'tar cf x.tar d; tar xf x.tar nomember',
      err: 'tar: nomember: Not found in archive\ntar: Exiting with failure status due to previous errors\n',
      code: 2,
    },
  ])('$line', ({ line, out, err, code }) => {
    const run = withFiles();
    expect(run(`mkdir -p /tmp/o; cd /tmp/tt; ${line}`)).toEqual({
      out: out ?? '',
      err: err ?? '',
      code: code ?? 0,
    });
  });

  it('keeps names that lead out of the folder inside', () => {
    const run = withFiles();
    const member = {
      name: '../../etc/evil',
      type: 'file' as const,
      mode: 0o644,
      modifiedMs: 0,
      bytes: Buffer.from('x'),
    };
    const bytes = encodeMember(member);
    const archive = Buffer.concat([bytes, endOfArchive(bytes.length, 512)]);
    const octal = [...archive].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    run(`mkdir -p /tmp/o; printf '${octal}' > /tmp/a.tar; tar xf /tmp/a.tar -C /tmp/o`);
    expect(run('cat /tmp/o/etc/evil; ls /etc/evil').out).toBe('x');
  });
});

describe('an archive', () => {
  const long = `${'a'.repeat(120)}/${'b'.repeat(180)}`;
  it.each(['a', long, '__proto__/x'])('is read as it was written: %s', (name) => {
    const member = {
      name,
      type: 'file' as const,
      mode: 0o755,
      modifiedMs: 1_000,
      bytes: Buffer.from('abc'),
    };
    const bytes = encodeMember(member);
    const archive = Buffer.concat([bytes, endOfArchive(bytes.length, 10_240)]);
    expect(archive.length % 10_240).toBe(0);
    expect(decodeArchive(archive)).toEqual({ ok: true, value: [member] });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'not-an-archive'],
    ['noise', Buffer.alloc(1024, 'x'), 'not-an-archive'],
  ])('is refused: %s', (_, bytes, error) => {
    expect(decodeArchive(bytes)).toEqual({ ok: false, error });
  });
});
