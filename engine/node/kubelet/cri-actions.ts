/**
 * What crictl changes through the container runtime: containers are stopped, removed and entered, images pulled and removed.
 * The kubelet finds out as it does of any container that ends.
 * Source: containerd's internal/cri/server (container_stop.go, container_remove.go, container_execsync.go, image_remove.go).
 */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { findById } from './find-by-id.ts';
import type { KubeletParts } from './parts.ts';

/** Answers `{call: 'signal' | 'remove' | 'exec' | 'exec-read' | 'exec-write' | 'pull' | 'remove-image', …}`. */
export function actOnCri(parts: KubeletParts, question: JsonObject): JsonValue {
  switch (question.call) {
    case 'signal': {
      const container = findById(parts.runtime.containers(), question.id);
      if (container === undefined) return null;
      parts.runtime.signal(container, question.signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
      return true;
    }
    case 'remove': {
      const container = findById(parts.runtime.containers(), question.id);
      if (container === undefined) return null;
      parts.runtime.removeContainer(container);
      const record = parts.state.pods.get(container.uid);
      if (record !== undefined) parts.wake(record);
      return true;
    }
    case 'exec':
      return startExec(parts, question);
    case 'exec-read':
      return readExec(parts, question);
    case 'exec-write': {
      const pid = Number(question.pid);
      if (typeof question.text === 'string')
        parts.deps.processes.writeStdin(pid, Buffer.from(question.text, 'latin1'));
      else parts.deps.processes.closeStdin(pid);
      return true;
    }
    case 'pull': {
      const name = String(question.image);
      const image = parts.deps.images.find(name);
      if (image === undefined) return { error: parts.deps.images.pullFailure(name) };
      parts.runtime.addImage(parts.deps.images.canonicalName(name));
      return { id: image.id };
    }
    case 'remove-image':
      return removeImages(parts, String(question.image));
    default:
      return null;
  }
}

function startExec(parts: KubeletParts, question: JsonObject): JsonValue {
  const container = findById(parts.runtime.containers(), question.id);
  if (container === undefined) return null;
  if (container.state !== 'running') {
    const state = container.state === 'exited' ? 'CONTAINER_EXITED' : 'CONTAINER_CREATED';
    return { error: `container is in ${state} state` };
  }
  const started = parts.runtime.exec(container, {
    argv: Array.isArray(question.argv) ? question.argv.map(String) : [],
    tty: question.tty === true,
    stdinOpen: question.stdin === true,
    foreground: true,
    role: { role: 'exec', id: container.id },
  });
  return started.ok ? { pid: started.value } : { error: started.error };
}

/** What was printed since; with the exit code once the process has ended, which is the last that is known of it. */
function readExec({ deps: { processes } }: KubeletParts, question: JsonObject): JsonValue {
  const pid = Number(question.pid);
  const exitCode = processes.exitCode(pid);
  const read = (stream: 'stdout' | 'stderr') =>
    Buffer.from(processes.readOutput(pid, stream, Number(question[stream]))).toString('latin1');
  const answer = { stdout: read('stdout'), stderr: read('stderr'), exitCode: exitCode ?? null };
  if (exitCode !== undefined) processes.forget(pid);
  return answer;
}

/** By a name or an id; the names that the image had. */
function removeImages(parts: KubeletParts, asked: string): JsonValue {
  const named = parts.deps.images.canonicalName(asked);
  const gone = parts.runtime.images().filter((reference) => {
    const id = parts.deps.images.find(reference)?.id ?? '';
    return (
      reference === named || (/^[0-9a-f]{3,64}$/.test(asked) && id.replace('sha256:', '').startsWith(asked))
    );
  });
  for (const reference of gone) parts.runtime.removeImage(reference);
  return gone.length === 0 ? null : [...gone];
}
