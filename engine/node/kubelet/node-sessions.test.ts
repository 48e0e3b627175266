/** A person at a terminal in a container. Source: termios(3), and what busybox 1.36 does at a terminal. */
import { describe, expect, it } from 'vitest';
import { createPod } from '../../testing/pods.ts';
import { createTestWorld } from '../../testing/world.ts';

function open(command: readonly string[], isTerminal: boolean) {
  const world = createTestWorld();
  const container = { name: 'web', image: 'busybox:1.36', command: ['sleep', '1000000'] };
  createPod(world, { nodeName: 'worker-1', containers: [container] });
  world.settle();
  const options = { command, container: 'web', stdin: isTerminal, tty: isTerminal };
  const opened = world.kubelets.get('worker-1')?.connection.exec('default', 'web', options);
  if (opened?.ok !== true) throw new Error('no session');
  return { world, session: opened.value };
}

function atTerminal() {
  const { world, session } = open(['sh'], true);
  return {
    session,
    /** What is seen a second after somebody typed this. */
    type(text: string): string {
      session.writeStdin(new TextEncoder().encode(text));
      world.advance(1);
      return new TextDecoder().decode(session.readStdout());
    },
  };
}

describe('a shell at a terminal', () => {
  it('goes on when the program in its foreground is interrupted', () => {
    const { type, session } = atTerminal();
    expect(type('')).toBe('/ # ');
    expect(type('sleep 100\r')).toBe('sleep 100\r\n');
    expect(type('\x03')).toBe('^C\r\n/ # ');
    expect(type('echo $?\r')).toBe('echo $?\r\n130\r\n/ # ');
    expect(session.exitCode()).toBeUndefined();
  });

  it('keeps what runs in the background, and begins another line when nothing is interrupted', () => {
    const { type } = atTerminal();
    type('');
    type('sleep 100 &\r');
    expect(type('half\x03')).toBe('half^C\r\n/ # ');
    expect(type('ps | grep -c "sleep 100$"\r')).toContain('1\r\n/ # ');
  });

  it('tells the size of the window', () => {
    const { type, session } = atTerminal();
    type('');
    session.resize({ rows: 30, columns: 100 });
    expect(type('stty size\r')).toBe('stty size\r\n30 100\r\n/ # ');
    expect(type('echo | stty size 2>&1 | cat\r')).toContain('30 100');
  });
});

describe('a session', () => {
  it('loses and doubles nothing of what is printed faster than it is read', () => {
    const { world, session } = open(['seq', '1', '190000'], false);
    world.settle();
    const lines = new TextDecoder().decode(session.readStdout()).trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([190_000, '1', '190000']);
    expect(session.readStdout()).toHaveLength(0);
  });
});
