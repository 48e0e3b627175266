import { describe, expect, it } from 'vitest';
import { EventQueue, type EventQueueState, eventQueueState } from '../../base/event-queue.ts';
import { forkState } from '../../base/fork-state.ts';
import { defaultLimits } from '../../base/limits.ts';
import { Random, randomStateFrom } from '../../base/random.ts';
import { err } from '../../base/result.ts';
import type { FileContent, ProcessExit, SpawnOptions } from '../linux.ts';
import type { Sockets } from '../stack/sockets.ts';
import { createProcesses } from './processes.ts';
import { type ProcessesState, processesState } from './state.ts';
import * as sys from './sys.ts';
import type { Program } from './syscalls.ts';

/** A machine without a network: nothing here opens a socket. */
function noNetwork(): Sockets {
  const absent = () => {
    throw new Error('this machine has no network');
  };
  return {
    listen: absent,
    connect: absent,
    accept: absent,
    send: absent,
    receive: absent,
    sendTo: absent,
    receiveFrom: absent,
    status: absent,
    isReadable: absent,
    name: absent,
    close: () => undefined,
    closeAllOf: () => undefined,
    ping: absent,
    pingResult: absent,
    listenersOf: () => [],
    onReady: () => undefined,
  };
}

const programs: Record<string, Program> = {
  *echo({ argv }) {
    yield* sys.print(`${argv.slice(1).join(' ')}\n`);
    return 0;
  },
  *sleep({ argv }) {
    yield* sys.sleep(Number(argv[1]) * 1000);
    return 0;
  },
  *cat() {
    for (;;) {
      const bytes = yield* sys.readStdin();
      if (bytes === undefined) return 0;
      yield* sys.write(1, bytes);
    }
  },
  *yes() {
    for (;;) yield* sys.print('y\n');
  },
  *first() {
    const line = yield* sys.readStdin({ line: true });
    yield* sys.write(1, line ?? new Uint8Array());
    return 0;
  },
  *busy() {
    for (;;) yield* sys.now();
  },
  *follower() {
    for (;;) {
      yield* sys.checkpoint(null);
      const ready = yield* sys.pollOrNews([], 'weather');
      yield* sys.print(`news ${ready.length}\n`);
    }
  },
  *polite() {
    yield* sys.setSignal('SIGTERM', { exitCode: 0 });
    yield* sys.sleep(1e9);
    return 1;
  },
  *pipeline({ argv }) {
    const pipe = yield* sys.pipe();
    const left = yield* sys.spawn([argv[1] ?? ''], { stdout: { pipe } });
    const right = yield* sys.spawn([argv[2] ?? ''], { stdin: { pipe } });
    if (!left.ok || !right.ok) return 127;
    yield* sys.wait(right.value);
    const first = yield* sys.wait(left.value);
    return first.ok ? first.value.exitCode : 1;
  },
  *counter({ resume }) {
    let count = typeof resume === 'number' ? resume : 0;
    for (;;) {
      yield* sys.checkpoint(count);
      yield* sys.sleep(1000);
      count += 1;
      yield* sys.print(`${count}\n`);
    }
  },
  *diary({ argv }) {
    for (let day = 1; day <= Number(argv[1]); day += 1) {
      yield* sys.sleep(1000);
      yield* sys.writeFile('/tmp/diary', sys.toBytes(`${day}\n`), true);
    }
    return 7;
  },
  *collector() {
    const child = yield* sys.spawn(['echo', 'inner'], { stdout: 'collect' });
    if (!child.ok) return 1;
    const result = yield* sys.wait(child.value);
    if (result.ok) yield* sys.print(`[${sys.toText(result.value.stdout).trim()}]\n`);
    return 0;
  },
};

interface World {
  readonly queue: { readonly state: EventQueueState };
  readonly processes: ProcessesState;
  readonly random: { counter: number };
}

function machineOn(world: World, limits = defaultLimits) {
  const queue = new EventQueue(world.queue.state, limits);
  const processes = createProcesses(
    {
      queue,
      random: new Random(world.random),
      limits,
      sockets: noNetwork(),
      inspect: () => err('ENOENT'),
      configure: () => null,
    },
    world.processes,
  );
  const exits: ProcessExit[] = [];
  processes.onExit((exit) => exits.push(exit));
  for (const [name, program] of Object.entries(programs)) processes.registerProgram(name, program);
  const spawn = (argv: readonly string[], options: Partial<SpawnOptions> = {}) => {
    const pid = processes.spawn({ machine: 'm', netns: 'm', rootfs: 1, hostname: 'm', argv, ...options });
    if (!pid.ok) throw new Error(pid.error);
    return pid.value;
  };
  const output = (pid: number, stream: 'stdout' | 'stderr' = 'stdout') =>
    new TextDecoder().decode(processes.readOutput(pid, stream, 0));
  return { world, queue, processes, exits, spawn, output };
}

function newMachine(limits = defaultLimits) {
  const world: World = {
    queue: { state: eventQueueState(0) },
    processes: processesState(),
    random: randomStateFrom('test'),
  };
  const machine = machineOn(world, limits);
  const files = new Map<string, FileContent>([
    ['/tmp/', ''],
    ['/etc/motd', 'hello\n'],
  ]);
  for (const name of Object.keys(programs)) files.set(`/bin/${name}`, { program: name });
  files.set('/bin/script', '#!/bin/echo interpreted\nthis is not read by echo\n');
  machine.processes.addRootfs([{ files }]);
  return machine;
}

describe('a process', () => {
  it('runs from the next event on and keeps its output and exit code until it is forgotten', () => {
    const { processes, queue, spawn, output, exits } = newMachine();
    const pid = spawn(['echo', 'a', 'b'], { label: 'container 1' });
    expect(processes.isRunning(pid)).toBe(true);
    queue.settle();
    expect({ code: processes.exitCode(pid), text: output(pid) }).toEqual({ code: 0, text: 'a b\n' });
    expect(exits).toEqual([{ pid, label: 'container 1', exitCode: 0 }]);
    processes.forget(pid);
    expect(processes.exitCode(pid)).toBeUndefined();
  });

  it.each([
    { argv: ['nothing'], want: 'ENOENT' },
    { argv: ['/etc/motd'], want: 'EACCES' },
    { argv: [], want: 'ENOENT' },
  ])('is refused with $want for $argv', ({ argv, want }) => {
    const { processes } = newMachine();
    const pid = processes.spawn({ machine: 'm', netns: 'm', rootfs: 1, hostname: 'm', argv });
    expect(pid).toEqual({ ok: false, error: want });
  });

  it('runs a script by the interpreter that its first line names', () => {
    const { queue, spawn, output } = newMachine();
    const pid = spawn(['script', 'x']);
    queue.settle();
    expect(output(pid)).toBe('interpreted /bin/script x\n');
  });

  it.each([
    {
      name: 'a signal without handler ends it with 128 + n',
      argv: ['sleep', '9'],
      init: false,
      signal: 'SIGTERM',
      want: 143,
    },
    {
      name: 'process 1 ignores what it does not handle',
      argv: ['sleep', '9'],
      init: true,
      signal: 'SIGTERM',
      want: undefined,
    },
    {
      name: 'process 1 does not survive SIGKILL',
      argv: ['sleep', '9'],
      init: true,
      signal: 'SIGKILL',
      want: 137,
    },
    {
      name: 'a handled signal ends it as it likes',
      argv: ['polite'],
      init: true,
      signal: 'SIGTERM',
      want: 0,
    },
  ] as const)('$name', ({ argv, init, signal, want }) => {
    const { processes, queue, spawn } = newMachine();
    const pid = spawn(argv, { init });
    queue.settle();
    processes.kill(pid, signal);
    expect(processes.exitCode(pid)).toBe(want);
  });

  it('takes everything on its root file system along when it was process 1', () => {
    const { processes, queue, spawn } = newMachine();
    const init = spawn(['sleep', '100'], { init: true });
    const other = spawn(['sleep', '100']);
    queue.settle();
    processes.kill(init, 'SIGKILL');
    expect(processes.exitCode(other)).toBe(137);
  });

  it('reads what is written to its standard input until that is closed', () => {
    const { processes, queue, spawn, output } = newMachine();
    const pid = spawn(['cat'], { stdinOpen: true });
    queue.settle();
    processes.writeStdin(pid, sys.toBytes('one\n'));
    queue.settle();
    expect([output(pid), processes.isRunning(pid)]).toEqual(['one\n', true]);
    processes.closeStdin(pid);
    queue.settle();
    expect(processes.exitCode(pid)).toBe(0);
  });

  it('hands the output of a child to the one who waits for it', () => {
    const { queue, spawn, output } = newMachine();
    const pid = spawn(['collector']);
    queue.settle();
    expect(output(pid)).toBe('[inner]\n');
  });

  it('wakes who waits for news of a topic, and nobody else', () => {
    const { processes, queue, spawn, output } = newMachine();
    const pid = spawn(['follower']);
    queue.settle();
    processes.announce('sport');
    queue.settle();
    expect(output(pid)).toBe('');
    processes.announce('weather');
    queue.settle();
    processes.announce('weather');
    expect(queue.settle()).toMatchObject({ ended: 'done' });
    expect(output(pid)).toBe('news 0\nnews 0\n');
  });

  it('is ended by SIGPIPE when nobody reads what it writes', () => {
    const { processes, queue, spawn, output } = newMachine();
    const pid = spawn(['pipeline', 'yes', 'first']);
    queue.settle();
    expect([output(pid), processes.exitCode(pid)]).toEqual(['y\n', 141]);
  });
});

describe('time', () => {
  it('does not keep a cluster from rest while a background process sleeps', () => {
    const { queue, spawn } = newMachine();
    spawn(['sleep', '3600']);
    expect(queue.settle()).toMatchObject({ elapsedMs: 0, ended: 'done' });
  });

  it('passes until a foreground process has ended', () => {
    const { processes, queue, spawn } = newMachine();
    const pid = spawn(['sleep', '30'], { foreground: true });
    expect(queue.settle()).toMatchObject({ elapsedMs: 30_000, ended: 'done' });
    expect(processes.exitCode(pid)).toBe(0);
  });

  it('ends a loop in which no time passes, and says so', () => {
    const { processes, queue, spawn, output } = newMachine({ ...defaultLimits, maxProcessSteps: 1000 });
    const pid = spawn(['busy']);
    queue.settle();
    expect(processes.exitCode(pid)).toBe(137);
    expect(output(pid, 'stderr')).toBe(
      'kubedrill: busy was ended: 1000 steps in which no time passed (an endless loop without sleep?)\n',
    );
  });

  it('lets a server that rests between its steps live longer than its budget', () => {
    const { processes, queue, spawn } = newMachine({ ...defaultLimits, maxProcessSteps: 100 });
    const pid = spawn(['counter']);
    queue.advance(1_000_000);
    expect(processes.isRunning(pid)).toBe(true);
  });

  it('refuses more processes than the limit', () => {
    const { processes, spawn } = newMachine({ ...defaultLimits, maxProcesses: 1 });
    spawn(['sleep', '1']);
    const second = processes.spawn({
      machine: 'm',
      netns: 'm',
      rootfs: 1,
      hostname: 'm',
      argv: ['sleep', '1'],
    });
    expect(second).toEqual({ ok: false, error: 'EAGAIN' });
  });

  it('keeps the newest output when there is too much', () => {
    const { queue, spawn, output } = newMachine({ ...defaultLimits, maxOutputBytes: 8 });
    const pid = spawn(['counter']);
    queue.advance(6000);
    expect(output(pid)).toBe('3\n4\n5\n6\n');
  });
});

describe('a fork', () => {
  it('goes its own way from the moment it was made, with nothing done twice', () => {
    const parent = newMachine();
    const pid = parent.spawn(['diary', '4']);
    parent.queue.advance(2500);
    const copy = machineOn(forkState(parent.world));
    copy.queue.advance(10_000);
    const diary = (machine: typeof parent) =>
      new TextDecoder().decode(machine.processes.readFile(1, '/tmp/diary'));
    expect([diary(parent), parent.processes.exitCode(pid)]).toEqual(['1\n2\n', undefined]);
    expect([diary(copy), copy.processes.exitCode(pid)]).toEqual(['1\n2\n3\n4\n', 7]);
    parent.queue.advance(10_000);
    expect([diary(parent), parent.processes.exitCode(pid)]).toEqual(['1\n2\n3\n4\n', 7]);
  });

  it('continues a program at its checkpoint, with a log that did not grow', () => {
    const parent = newMachine();
    const pid = parent.spawn(['counter']);
    parent.queue.advance(5500);
    const [thread] = parent.world.processes.processes.get(pid)?.threads.values() ?? [];
    expect(thread?.log.length).toBeLessThan(3);
    const copy = machineOn(forkState(parent.world));
    copy.queue.advance(2000);
    expect(copy.output(pid)).toBe('1\n2\n3\n4\n5\n6\n7\n');
  });
});
