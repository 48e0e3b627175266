import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../api/types/kinds.ts';
import { answerQuestion, type ZoneRecord } from './zone.ts';
import type { ZoneView } from './zone-view.ts';

/** Source of every expectation: fixtures/README.md. */
const read = (name: string) => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));

interface Recorded {
  readonly name: string;
  readonly type: string;
  readonly rcode: string;
  readonly flags: string;
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

const objects: {
  readonly namespaces: readonly { readonly metadata: { readonly name: string } }[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
} = read('objects.json');
const recorded: readonly Recorded[] = read('answers.json');

const isNamed = ({ metadata }: Service, namespace: string, name: string) =>
  metadata.namespace === namespace && metadata.name === name;

const view: ZoneView = {
  hasNamespace: (name) => objects.namespaces.some(({ metadata }) => metadata.name === name),
  service: (namespace, name) => objects.services.find((service) => isNamed(service, namespace, name)),
  services: () => objects.services,
  slicesOf: (namespace, name) =>
    objects.endpointSlices.filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    ),
  slices: () => objects.endpointSlices,
  dnsAddress: () => '10.96.0.10',
  outsideAddress: (name) => (name === 'api.example.test' ? '198.51.100.20' : undefined),
  nowSeconds: () => 0,
};

/** A record as the recording has it. */
function show({ name, ttl, type, data }: ZoneRecord): string {
  if (typeof data === 'string') return `${name} ${ttl} ${type} ${data}`;
  if ('target' in data)
    return `${name} ${ttl} ${type} ${data.priority} ${data.weight} ${data.port} ${data.target}`;
  const { mname, rname, refresh, retry, expire, minimum } = data;
  return `${name} ${ttl} ${type} ${mname} ${rname} SERIAL ${refresh} ${retry} ${expire} ${minimum}`;
}

it.each(recorded.map((row) => ({ ...row, question: `${row.name} ${row.type}` })))(
  '$question',
  ({ name, type, rcode, flags, answers = [], authorities = [], additionals = [] }) => {
    const answer = answerQuestion(view, { name, type });
    const sorted = (records: readonly ZoneRecord[]) => records.map(show).sort();
    expect({
      rcode: answer.rcode,
      isAuthoritative: answer.authoritative,
      answers: sorted(answer.answers),
      authorities: sorted(answer.authorities),
      additionals: sorted(answer.additionals),
    }).toEqual({ rcode, isAuthoritative: flags.includes('aa'), answers, authorities, additionals });
  },
);
