/**
 * systemctl, for the one service that can be stopped on a node: the kubelet. Source: systemctl(1), systemd 257; exit codes: "EXIT
 * STATUS" there. Left out: all other units, the log lines in a status.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

const actions: ReadonlySet<string> = new Set(['start', 'stop', 'restart', 'status', 'is-active']);

/** See the head of this file. */
export const systemctl: Program = function* ({ argv }) {
  const [action = '', ...units] = argv.slice(1).filter((word) => !word.startsWith('-'));
  if (!actions.has(action)) {
    yield* sys.printError(`Unknown command verb '${action}'.\n`);
    return 1;
  }
  const [unit = ''] = units;
  if (unit === '') {
    yield* sys.printError('Too few arguments.\n');
    return 1;
  }
  const name = unit.endsWith('.service') ? unit : `${unit}.service`;
  if (name !== 'kubelet.service') return yield* unknownUnit(action, name);
  const node = yield* sys.hostname();
  const answer = yield* sys.host('cri', { node, question: { call: 'unit', action } });
  const state = answer.ok ? answer.value : null;
  if (!isJsonObject(state)) return yield* unknownUnit(action, name);
  if (action === 'is-active') {
    yield* sys.print(state.isActive === true ? 'active\n' : 'inactive\n');
    return state.isActive === true ? 0 : 3;
  }
  if (action !== 'status') return 0;
  yield* sys.print(statusText(state.isActive === true, state.sinceMs ?? null));
  return state.isActive === true ? 0 : 3;
};

function* unknownUnit(action: string, name: string): sys.Sys<number> {
  if (action === 'is-active') {
    yield* sys.print('inactive\n');
    return 4;
  }
  if (action === 'status') {
    yield* sys.printError(`Unit ${name} could not be found.\n`);
    return 4;
  }
  const verb = action === 'stop' ? 'stop' : action;
  yield* sys.printError(
    `Failed to ${verb} ${name}: Unit ${name} not ${action === 'stop' ? 'loaded' : 'found'}.\n`,
  );
  return 5;
}

function statusText(isActive: boolean, sinceMs: JsonValue): string {
  const since = typeof sinceMs === 'number' ? ` since ${formatTime(sinceMs)}` : '';
  return [
    `${isActive ? '\u25cf' : '\u25cb'} kubelet.service - kubelet: The Kubernetes Node Agent`,
    '     Loaded: loaded (/etc/systemd/system/kubelet.service; enabled; preset: enabled)',
    `     Active: ${isActive ? 'active (running)' : 'inactive (dead)'}${since}`,
    '       Docs: http://kubernetes.io/docs/',
    '',
  ].join('\n');
}

/** `Fri 2026-05-01 09:00:00 UTC` */
function formatTime(ms: number): string {
  const date = new Date(ms);
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()] ?? '';
  return `${day} ${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
