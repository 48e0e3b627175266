/**
 * Runs inside namespaces of its own (network, mounts, processes; see real-kernel.ts), so that whatever it makes is gone
 * when it ends, however that comes about. Reads one JSON request a line from standard input, answers a line each:
 *   {id, do: 'shell', script}                 → {id, code, stderr, stdout}
 *   {id, do: 'agent', netns, listeners}       → {id} once the agent listens
 *   {id, do: 'flow', netns, protocol, …}      → {id, …} as the agent of that namespace answers
 * It ends with its standard input.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const agentPath = new URL('./flow-agent.mjs', import.meta.url).pathname;
/** Agents by namespace. */
const agents = new Map();

const reply = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function shell({ id, script }) {
  const child = spawn('sh', ['-eu'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  child.on('close', (code) => reply({ id, code, stdout, stderr }));
  child.stdin.on('error', () => undefined);
  child.stdin.end(script);
}

function startAgent({ id, netns, listeners }) {
  const child = spawn('ip', ['netns', 'exec', netns, process.execPath, agentPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  agents.set(netns, child);
  createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(`${line}\n`));
  child.stdin.write(`${JSON.stringify({ id, do: 'listen', netns, listeners })}\n`);
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line);
    if (request.do === 'shell') shell(request);
    else if (request.do === 'agent') startAgent(request);
    else agents.get(request.netns)?.stdin.write(`${line}\n`);
  })
  .on('close', () => process.exit(0));
