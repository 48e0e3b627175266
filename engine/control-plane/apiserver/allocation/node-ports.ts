/**
 * The node ports of one Service. Source: pkg/registry/core/service/storage/alloc.go (initNodePorts, updateNodePorts,
 * allocHealthCheckNodePort).
 */
import type { JsonObject } from '../../../base/json.ts';
import type { Random } from '../../../base/random.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { StoredObject } from '../../store/store.ts';
import { nameOf, numberAt, objectsAt, stringAt, valueAt, withSpec } from '../object-access.ts';
import { internalError, invalid, type Outcome, plainError, type Refusal } from '../refusals.ts';
import { isNodePortInRange, nodePortRange, pickNodePort } from './service-ranges.ts';

/** What is needed to allocate the node ports of a Service. */
export interface NodePortRequest {
  readonly service: JsonObject;
  /** Absent for a creation. */
  readonly before: StoredObject | undefined;
  readonly isDryRun: boolean;
  readonly random: Random;
  /** Whether any Service holds a port. */
  isTaken(port: number): boolean;
}

/** Every node port that a Service holds, the one for health checks included. */
export function portsOf(service: JsonObject): readonly number[] {
  const ports = objectsAt(service, 'spec', 'ports').map((port) => numberAt(port, 'nodePort') ?? 0);
  return [...ports, numberAt(service, 'spec', 'healthCheckNodePort') ?? 0].filter((port) => port !== 0);
}

/** Whether a Service is one whose nodes are asked if they have endpoints. */
export function needsHealthCheckPort(service: JsonObject): boolean {
  return (
    stringAt(service, 'spec', 'type') === 'LoadBalancer' &&
    stringAt(service, 'spec', 'externalTrafficPolicy') === 'Local'
  );
}

/** The Service with all the node ports it needs. */
export function allocateNodePorts(request: NodePortRequest): Outcome<JsonObject> {
  const operation = new PortOperation(request);
  const type = stringAt(request.service, 'spec', 'type');
  let { service } = request;
  if (type === 'NodePort' || type === 'LoadBalancer') {
    const ports =
      request.before === undefined
        ? portsForCreate(service, operation)
        : portsForUpdate(service, request.before, operation);
    if (!ports.ok) return ports;
    service = withSpec(service, { ports: ports.value });
  }
  return allocateHealthCheckPort(service, request.before, operation);
}

/** Ports taken by one request: those it takes are taken for itself, too. */
class PortOperation {
  readonly #request: NodePortRequest;
  readonly #own = new Set<number>();
  #lastDry = 32_768;

  constructor(request: NodePortRequest) {
    this.#request = request;
  }

  take(port: number): Result<number, string> {
    // A dry run reserves nothing, and upstream asks for the range only where it reserves.
    if (!this.#request.isDryRun && !isNodePortInRange(port)) {
      return err(`provided port is not in the valid range. The range of valid ports is ${nodePortRange}`);
    }
    if (this.#own.has(port) || this.#request.isTaken(port)) return err('provided port is already allocated');
    this.#own.add(port);
    return ok(port);
  }

  next(): Result<number, string> {
    if (this.#request.isDryRun) {
      // Nothing is reserved for a dry run, so upstream shows ports beyond the range.
      this.#lastDry += 1;
      return ok(this.#lastDry);
    }
    const port = pickNodePort(
      this.#request.random,
      (candidate) => this.#own.has(candidate) || this.#request.isTaken(candidate),
    );
    if (port === undefined) return err('range is full');
    this.#own.add(port);
    return ok(port);
  }
}

function portsForCreate(service: JsonObject, operation: PortOperation): Outcome<readonly JsonObject[]> {
  const ports = objectsAt(service, 'spec', 'ports');
  const allocatedByPort = new Map<number, number>();
  const result: JsonObject[] = [];
  for (const [index, port] of ports.entries()) {
    const given = numberAt(port, 'nodePort') ?? 0;
    const number = numberAt(port, 'port') ?? 0;
    if (given === 0 && !shouldAllocate(service)) {
      result.push(port);
      continue;
    }
    const allocated = allocatedByPort.get(number);
    if (allocated !== undefined) {
      // The same port over another protocol shares the node port unless it names its own.
      if (given !== 0 && given !== allocated) {
        const taken = operation.take(given);
        if (!taken.ok) return err(portError(service, index, given, taken.error));
      }
      result.push({ ...port, nodePort: given === 0 ? allocated : given });
      continue;
    }
    const requested = ports
      .slice(index)
      .filter((other) => numberAt(other, 'port') === number)
      .map((other) => numberAt(other, 'nodePort') ?? 0)
      .find((other) => other !== 0);
    const taken = requested === undefined ? operation.next() : operation.take(requested);
    if (!taken.ok) {
      return requested === undefined
        ? err(internalError(`failed to allocate a nodePort: ${taken.error}`))
        : err(portError(service, index, requested, taken.error));
    }
    allocatedByPort.set(number, taken.value);
    result.push({ ...port, nodePort: taken.value });
  }
  return ok(result);
}

function portsForUpdate(
  service: JsonObject,
  before: StoredObject,
  operation: PortOperation,
): Outcome<readonly JsonObject[]> {
  const old = new Set(objectsAt(before, 'spec', 'ports').map((port) => numberAt(port, 'nodePort') ?? 0));
  const own = new Set<number>();
  const seen = new Set<string>();
  const result: JsonObject[] = [];
  for (const [index, port] of objectsAt(service, 'spec', 'ports').entries()) {
    let nodePort = numberAt(port, 'nodePort') ?? 0;
    if (nodePort === 0 && !shouldAllocate(service)) {
      result.push(port);
      continue;
    }
    if (nodePort === 0) {
      const next = operation.next();
      if (!next.ok) return err(internalError(`failed to allocate a nodePort: ${next.error}`));
      nodePort = next.value;
    } else if (!old.has(nodePort) && !own.has(nodePort)) {
      const taken = operation.take(nodePort);
      if (!taken.ok) return err(portError(service, index, nodePort, taken.error));
      own.add(nodePort);
    }
    const protocol = stringAt(port, 'protocol') || 'TCP';
    if (seen.has(`${protocol}/${nodePort}`)) {
      return err(plainError(500, `duplicate nodePort: {${protocol} ${nodePort}}`));
    }
    seen.add(`${protocol}/${nodePort}`);
    result.push({ ...port, nodePort });
  }
  return ok(result);
}

function allocateHealthCheckPort(
  service: JsonObject,
  before: StoredObject | undefined,
  operation: PortOperation,
): Outcome<JsonObject> {
  const isNeeded = needsHealthCheckPort(service);
  if (!isNeeded || (before !== undefined && needsHealthCheckPort(before))) return ok(service);
  const given = numberAt(service, 'spec', 'healthCheckNodePort') ?? 0;
  const taken = given === 0 ? operation.next() : operation.take(given);
  if (taken.ok) return ok(withSpec(service, { healthCheckNodePort: taken.value }));
  const what =
    given === 0
      ? 'failed to allocate a HealthCheck NodePort 0'
      : `failed to allocate requested HealthCheck NodePort ${given}`;
  return err(internalError(`${what}: ${taken.error}`));
}

function shouldAllocate(service: JsonObject): boolean {
  const type = stringAt(service, 'spec', 'type');
  if (type === 'NodePort') return true;
  return type === 'LoadBalancer' && valueAt(service, 'spec', 'allocateLoadBalancerNodePorts') !== false;
}

function portError(service: JsonObject, index: number, port: number, problem: string): Refusal {
  return invalid('', 'Service', nameOf(service), [
    {
      type: 'FieldValueInvalid',
      field: `spec.ports[${index}].nodePort`,
      message: `Invalid value: ${port}: ${problem}`,
    },
  ]);
}
