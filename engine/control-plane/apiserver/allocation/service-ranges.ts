/**
 * The ranges that Services get addresses and ports from, and the order in which free ones are taken: the upper band first,
 * so that the lower one is left for those who choose for themselves. Source: KEP-3070, KEP-3668 and
 * pkg/registry/core/service/{ipallocator,portallocator} (calculateRangeOffset).
 */
import type { Random } from '../../../base/random.ts';

/** kubeadm's range of Services, a /16 as every range here. */
export const defaultServiceNetwork = '10.96.0.0';
/** min(max(16, 65536 / 16), 256) addresses are kept for static use. */
const staticAddresses = 256;

const firstPort = 30_000;
const lastPort = 32_767;
/** min(max(16, 2768 / 32), 128) ports are kept for static use. */
const staticPorts = 86;

/** The range of node ports as error messages print it. */
export const nodePortRange = `${firstPort}-${lastPort}`;

/** Whether a node port lies in the range. */
export function isNodePortInRange(port: number): boolean {
  return port >= firstPort && port <= lastPort;
}

/** The range's addresses; the network and broadcast addresses are not given out. */
function addressBounds(network: string): { readonly first: number; readonly last: number } {
  const base = parseIPv4(network) ?? 0;
  return { first: base + 1, last: base + 0xfffe };
}

/** Whether an IPv4 address can be a Service's where Services have addresses of `network`. */
export function isServiceAddress(network: string, address: string): boolean {
  const value = parseIPv4(address);
  const { first, last } = addressBounds(network);
  return value !== undefined && value >= first && value <= last;
}

/** A free Service address of `network`, or undefined when all are taken. */
export function pickServiceAddress(
  network: string,
  random: Random,
  isTaken: (address: string) => boolean,
): string | undefined {
  const { first: firstAddress, last: lastAddress } = addressBounds(network);
  const dynamicFirst = firstAddress + staticAddresses;
  const taken = (value: number): boolean => isTaken(formatIPv4(value));
  const value =
    pickFrom(random, { first: dynamicFirst, last: lastAddress }, taken) ??
    pickFrom(random, { first: firstAddress, last: dynamicFirst - 1 }, taken);
  return value === undefined ? undefined : formatIPv4(value);
}

/** A free node port, or undefined when all are taken. */
export function pickNodePort(random: Random, isTaken: (port: number) => boolean): number | undefined {
  const dynamicFirst = firstPort + staticPorts;
  return (
    pickFrom(random, { first: dynamicFirst, last: lastPort }, isTaken) ??
    pickFrom(random, { first: firstPort, last: dynamicFirst - 1 }, isTaken)
  );
}

function pickFrom(
  random: Random,
  band: { readonly first: number; readonly last: number },
  isTaken: (value: number) => boolean,
): number | undefined {
  const size = band.last - band.first + 1;
  const offset = random.below(size);
  for (let step = 0; step < size; step += 1) {
    const value = band.first + ((offset + step) % size);
    if (!isTaken(value)) return value;
  }
  return undefined;
}

function parseIPv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function formatIPv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}
