/** A host that answers from a recording, so that what kubectl prints is tested alone, whatever becomes of the cluster. */
import type { ApiResponse } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { KubectlHost } from '../host.ts';

/** A server's answer as it is kept; a watch as the events that came. */
export type RecordedResponse =
  | Extract<ApiResponse, { readonly type: 'object' | 'text' }>
  | {
      readonly type: 'watch';
      readonly code: 200;
      readonly warnings: readonly string[];
      readonly events: readonly {
        readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
        readonly object: JsonObject;
      }[];
    };

/** One command line with everything that it met. */
export interface RecordedLine {
  readonly line: string;
  readonly stdin?: string;
  readonly nowMs: number;
  /** What the editor saved, time after time. */
  readonly edits?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  /** Requests in order, each with the index of its answer. */
  readonly exchanges: readonly (readonly [request: string, response: number])[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const kubeconfigOf = (server: string) => `apiVersion: v1
clusters:
- cluster:
    server: ${server}
  name: kubedrill
contexts:
- context:
    cluster: kubedrill
    user: kubernetes-admin
  name: kubernetes-admin@kubedrill
current-context: kubernetes-admin@kubedrill
kind: Config
users:
- name: kubernetes-admin
  user: {}
`;

/** A host for one recorded line, with what was printed on it. */
export function createReplayHost(
  recorded: RecordedLine,
  responses: readonly RecordedResponse[],
  server = 'https://172.18.0.2:6443',
) {
  const printed = { stdout: '', stderr: '' };
  const left = [...recorded.exchanges];
  const edits = [...(recorded.edits ?? [])];
  const host: KubectlHost = {
    send: async (request) => {
      const query = (request.query ?? []).map(([name, value]) => `${name}=${value}`).join('&');
      const asTable = (request.headers?.accept ?? '').includes('as=Table') ? ' table' : '';
      const key = `${request.method} ${request.path}${query === '' ? '' : `?${query}`}${asTable}`;
      const at = left.findIndex(([wanted]) => wanted === key);
      const found = left[at];
      if (found === undefined) throw new Error(`not in the recording: ${key}`);
      left.splice(at, 1);
      const response = responses[found[1]];
      if (response === undefined) throw new Error(`no answer recorded for ${key}`);
      return response.type === 'watch' ? replayWatch(response) : response;
    },
    waitUntil: async (done) => (done() ? 'done' : 'idle'),
    now: () => recorded.nowMs,
    stdin: recorded.stdin ?? '',
    env: new Map([['HOME', '/home/learner']]),
    cwd: '/home/learner',
    writeStdout: (text) => {
      printed.stdout += text;
    },
    writeStderr: (text) => {
      printed.stderr += text;
    },
    readFile: async (path) =>
      path === '/home/learner/.kube/config' ? kubeconfigOf(server) : recorded.files?.[path],
    listFolder: async (path) => recorded.folders?.[path],
    writeFile: async () => {},
    editText: async () => {
      const saved = edits.shift();
      return saved === undefined ? err('unable to launch the editor "vi"') : ok(saved);
    },
  };
  return { host, printed };
}

function replayWatch({
  events,
  ...response
}: Extract<RecordedResponse, { readonly type: 'watch' }>): ApiResponse {
  return {
    ...response,
    watch: {
      onEvent: (listener) => {
        for (const event of events) listener(event);
      },
      bookmark: () => ({ type: 'BOOKMARK' as const, object: {} }),
      stop: () => {},
    },
  };
}

/** The words of a line, quotes taken off; enough of a shell for the recorded lines. */
export function splitWords(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
      (_, single?: string, double?: string) => single ?? (double ?? '').replaceAll(/\\(.)/g, '$1'),
    ),
  );
}
