/** Check `reach`: a connection or HTTP request from somewhere, and what must come of it. */
import type {
  AskedIngress,
  Cause,
  Hop,
  JsonObject,
  PacketTrace,
  ProbeResult,
  TrafficShare,
} from '../../engine/index.ts';
import type { TriedProbe } from '../engine.ts';
import type { Evidence } from '../exercise/result.ts';
import type { ReachCheck } from '../exercise/schema.ts';
import { computeValue } from './computed-value.ts';
import { type CheckContext, type CheckOutcome, failed, passed } from './context.ts';
import { clusterOf, formatLabels, itemsAt, nameOf, textAt } from './objects.ts';
import { exampleOf, matches } from './pattern.ts';
import {
  clusterOfTarget,
  clusterOfVantage,
  podWithAddress,
  resolveTarget,
  resolveVantage,
} from './vantage.ts';

/** How much of a body is shown when it is not the one wanted. */
const maxShownBody = 200;

/** Tries the connection as often as the check says; the first try that does not hold decides. */
export async function runReachCheck(check: ReachCheck, context: CheckContext): Promise<CheckOutcome> {
  const from = resolveVantage(context, check.from);
  if (!from.ok) return failed(from.error);
  const target = resolveTarget(context, check.to);
  if (!target.ok) return failed(target.error);
  const answeredBy = new Set<string>();
  let shared = 0;
  let last: TriedProbe | undefined;
  for (let round = 0; round < check.times; round++) {
    const probe: TriedProbe = {
      from: from.value,
      target: target.value,
      result: clusterOfVantage(context, check.from).probe(from.value, target.value),
    };
    const outcome = await judgeProbe(check, context, probe);
    if (!outcome.passed) return outcome;
    answeredBy.add(serverAddress(check, probe.result));
    if (check.share !== undefined && isFromPod(check, context, probe.result, check.share.fromPod))
      shared += 1;
    last = probe;
  }
  const wrong = judgeShare(check, context, shared, last);
  return wrong ?? judgePodCount(check, context, answeredBy.size, last);
}

async function judgeProbe(
  check: ReachCheck,
  context: CheckContext,
  probe: TriedProbe,
): Promise<CheckOutcome> {
  const { outcome } = probe.result;
  // Most tries hold, and their packets are then told to nobody.
  const trace = () => traceEvidence(context, probe.result.packets);
  const wanted: readonly string[] = typeof check.want === 'string' ? [check.want] : check.want;
  const holds = wanted.includes(outcome) || (check.want === 'blocked' && outcome !== 'answered');
  if (!holds) {
    const cluster = explainedIn(check, context, probe);
    const cause =
      outcome === 'answered'
        ? context.engine.explainReachable(cluster, probe)
        : context.engine.explainProbe(cluster, probe);
    return failed(cause, ...trace(), { kind: 'diff', wanted: wanted.join(' | '), found: outcome });
  }
  if (outcome !== 'answered' || check.answer === undefined) return passed;
  const wrong =
    judgeResponse(check.answer, probe.result) ??
    judgeServer(check, context, probe.result) ??
    (await judgeSource(check.answer, context, probe.result));
  if (wrong === undefined || wrong.passed) return passed;
  const cause = explainThroughIngress(check, context, probe, wrong.cause) ?? wrong.cause;
  return failed(cause, ...wrong.evidence, ...trace());
}

/** Behind an answer of an Ingress's controller that is not the wanted one is a rule, or none. */
function explainThroughIngress(
  check: ReachCheck,
  context: CheckContext,
  { target, result }: TriedProbe,
  wrong: Cause,
  share?: TrafficShare,
): Cause | undefined {
  if (wrong.code !== 'wrong-answer') return undefined;
  if ('gateway' in check.to) return explainThroughGateway(check, context, target, result, share);
  if (!('ingress' in check.to)) return undefined;
  const { seen } = sourcesOf(requestPacket(result.packets));
  return context.engine.explainIngress(clusterOfTarget(context, check.to), {
    host: target.host,
    path: target.path ?? '/',
    ...(check.to.scheme === 'https' ? { scheme: 'https' } : {}),
    ...(target.headers === undefined ? {} : { headers: target.headers }),
    clientAddress: seen,
    status: result.response?.status ?? 0,
    packets: result.packets,
    ...wantedOf(check),
    ...(wrong.what === 'certificate' ? { isAboutCertificate: true } : {}),
    ...(share === undefined ? {} : { share }),
  });
}

/** What an explanation is told of what should have come. */
function wantedOf({ answer, share }: ReachCheck): Pick<AskedIngress, 'wanted' | 'wantedStatus'> {
  const pods = share?.fromPod ?? answer?.fromPod;
  return {
    ...(pods === undefined ? {} : { wanted: { labels: pods.labels, namespace: pods.namespace } }),
    ...(answer?.status === undefined ? {} : { wantedStatus: answer.status }),
  };
}

function explainThroughGateway(
  check: ReachCheck,
  context: CheckContext,
  target: TriedProbe['target'],
  { response, packets }: ProbeResult,
  share?: TrafficShare,
): Cause | undefined {
  const { to } = check;
  if (!('gateway' in to)) return undefined;
  const { name, namespace } = to.gateway;
  const { wanted, wantedStatus } = wantedOf(check);
  return context.engine.explainGateway(clusterOfTarget(context, to), {
    name,
    namespace,
    request: {
      host: target.host,
      method: 'GET',
      path: target.path ?? '/',
      headers: target.headers ?? {},
      port: to.port ?? (to.scheme === 'https' ? 443 : 80),
      status: response?.status ?? 0,
      ...(wantedStatus === undefined ? {} : { wantedStatus }),
    },
    packets,
    ...(wanted === undefined ? {} : { wanted }),
    ...(share === undefined ? {} : { share }),
  });
}

/** A name is a matter of who asks, everything else of who is asked. */
function explainedIn(
  check: ReachCheck,
  context: CheckContext,
  { result }: TriedProbe,
): CheckContext['cluster'] {
  return result.outcome === 'name-not-found'
    ? clusterOfVantage(context, check.from)
    : clusterOfTarget(context, check.to);
}

type AnswerWant = NonNullable<ReachCheck['answer']>;

function judgeResponse(want: AnswerWant, { response, certificate }: ProbeResult): CheckOutcome | undefined {
  if (want.status !== undefined && response?.status !== want.status) {
    const found = response === undefined ? 'no HTTP answer' : String(response.status);
    return failed({ code: 'wrong-answer', what: 'status', wanted: String(want.status), found });
  }
  if (want.bodyMatches !== undefined && !matches(want.bodyMatches, response?.body ?? '')) {
    const body = (response?.body ?? '').trim();
    const found = body.length > maxShownBody ? `${body.slice(0, maxShownBody)}…` : body;
    return failed({ code: 'wrong-answer', what: 'body', wanted: exampleOf(want.bodyMatches), found });
  }
  return judgeFields(want, response?.headers ?? {}) ?? judgeCertificate(want, certificate);
}

function judgeFields(want: AnswerWant, headers: Readonly<Record<string, string>>): CheckOutcome | undefined {
  const found = new Map(Object.entries(headers));
  for (const [name, pattern] of Object.entries(want.headers ?? {})) {
    const value = found.get(name.toLowerCase());
    if (value === undefined || !matches(pattern, value))
      return failed({ code: 'wrong-answer', what: name, wanted: pattern, found: value ?? '∅' });
  }
  return undefined;
}

function judgeCertificate(want: AnswerWant, shown: ProbeResult['certificate']): CheckOutcome | undefined {
  if (want.certificate === undefined) return undefined;
  const fits = shown?.matchesHost === true && shown.isCurrent;
  if (fits === (want.certificate === 'fits')) return undefined;
  const found = shown === undefined ? '∅' : `${shown.subject} ${shown.names}`.trim();
  return failed({ code: 'wrong-answer', what: 'certificate', wanted: want.certificate, found });
}

function judgeServer(
  check: ReachCheck,
  context: CheckContext,
  result: ProbeResult,
): CheckOutcome | undefined {
  const wantedPod = check.answer?.fromPod;
  if (wantedPod === undefined) return undefined;
  const { labels, namespace } = wantedPod;
  if (isFromPod(check, context, result, wantedPod)) return undefined;
  const address = serverAddress(check, result);
  const pod = podWithAddress(clusterOf(context.cluster, wantedPod), address);
  const name = pod === undefined ? undefined : nameOf(pod, 'Pod');
  return failed({
    code: 'wrong-answer',
    what: 'Pod',
    wanted: `${formatLabels(labels)}${namespace === 'default' ? '' : ` (${namespace})`}`,
    found: name === undefined ? address : `${name.namespace}/${name.name}`,
  });
}

function isFromPod(
  check: ReachCheck,
  context: CheckContext,
  result: ProbeResult,
  wanted: NonNullable<AnswerWant['fromPod']>,
): boolean {
  const pod = podWithAddress(clusterOf(context.cluster, wanted), serverAddress(check, result));
  return (
    pod !== undefined &&
    textAt(pod, 'metadata', 'namespace') === wanted.namespace &&
    Object.entries(wanted.labels).every(([key, value]) => textAt(pod, 'metadata', 'labels', key) === value)
  );
}

/** How many of all tries the wanted Pods answered, where the check says how many they should. */
function judgeShare(
  check: ReachCheck,
  context: CheckContext,
  found: number,
  last: TriedProbe | undefined,
): CheckOutcome | undefined {
  const { share, times } = check;
  if (share === undefined || last === undefined) return undefined;
  if (found >= share.atLeast && found <= share.atMost) return undefined;
  const wanted = `${share.atLeast}–${share.atMost}`;
  const what = `share of ${formatLabels(share.fromPod.labels)}`;
  const wrong: Cause = { code: 'wrong-answer', what, wanted, found: String(found) };
  const told = explainThroughIngress(check, context, last, wrong, { requests: times, found, wanted });
  return failed(told ?? wrong, { kind: 'diff', wanted, found: String(found) });
}

async function judgeSource(
  want: AnswerWant,
  context: CheckContext,
  result: ProbeResult,
): Promise<CheckOutcome | undefined> {
  if (want.sourceSeen === undefined) return undefined;
  const request = requestPacket(result.packets);
  const { sent, seen, rule } = sourcesOf(request);
  if (want.sourceSeen === 'unchanged' || want.sourceSeen === 'rewritten') {
    if ((sent === seen) === (want.sourceSeen === 'unchanged')) return undefined;
    const wanted = want.sourceSeen === 'unchanged' ? sent : `≠ ${sent}`;
    return failed({ code: 'client-address-rewritten', wanted, found: seen, ...(rule && { rule }) });
  }
  const wanted = await computeValue(context, want.sourceSeen);
  if (!wanted.ok) return failed(wanted.error);
  if (wanted.value === seen) return undefined;
  return failed({
    code: 'client-address-rewritten',
    wanted: wanted.value,
    found: seen,
    ...(rule && { rule }),
  });
}

function judgePodCount(
  check: ReachCheck,
  context: CheckContext,
  found: number,
  last: TriedProbe | undefined,
): CheckOutcome {
  const tooFew = check.atLeastPods !== undefined && found < check.atLeastPods;
  const tooMany = check.atMostPods !== undefined && found > check.atMostPods;
  if (!tooFew && !tooMany) return passed;
  const forgetful = check.atMostPods === 1 ? findForgetfulService(check, context, last) : undefined;
  return failed(
    forgetful ?? {
      code: 'wrong-answer',
      what: 'number of Pods',
      wanted: tooFew ? `≥ ${check.atLeastPods}` : `≤ ${check.atMostPods}`,
      found: String(found),
    },
    ...traceEvidence(context, last?.result.packets ?? []),
  );
}

/** Why a client that is to meet one Pod met several: the Service that was asked does not remember its clients. */
function findForgetfulService(
  check: ReachCheck,
  context: CheckContext,
  last: TriedProbe | undefined,
): Cause | undefined {
  const listed = clusterOfTarget(context, check.to).request({ method: 'GET', path: '/api/v1/services' });
  if (listed.type !== 'object') return undefined;
  const service = itemsAt(listed.body, 'items').find(
    (item): item is JsonObject =>
      textAt(item, 'spec', 'clusterIP') === last?.result.address &&
      textAt(item, 'spec', 'sessionAffinity') === 'None',
  );
  return service === undefined
    ? undefined
    : {
        code: 'field-differs',
        object: nameOf(service, 'Service'),
        path: 'spec.sessionAffinity',
        wanted: 'ClientIP',
        found: 'None',
      };
}

/** The packet that carried the request to a server: the first that was delivered as a new connection. */
function requestPacket(packets: readonly PacketTrace[]): PacketTrace | undefined {
  return packets.find(
    (packet) => packet.verdict.kind === 'delivered' && (packet.summary === 'SYN' || packet.summary === 'UDP'),
  );
}

/**
 * The address at which a request arrived: the Pod's own, whatever was addressed. Through an Ingress it is the last that was
 * connected to, the controller being the first.
 */
function serverAddress(check: ReachCheck, result: ProbeResult): string {
  const isProxied = 'ingress' in check.to || 'gateway' in check.to;
  const packets = isProxied
    ? result.packets.filter(({ summary }) => summary === 'SYN').toReversed()
    : result.packets;
  const verdict = requestPacket(packets)?.verdict;
  return verdict?.kind === 'delivered' ? verdict.address : (result.address ?? '');
}

/** A rule as a packet's trace names it. */
type RuleRef = Extract<Hop, { readonly step: 'rule' }>['rule'];

interface Sources {
  readonly sent: string;
  readonly seen: string;
  readonly rule?: RuleRef;
}

/** The packet's source address where it began and where it arrived, and the last rule that changed it. */
function sourcesOf(packet: PacketTrace | undefined): Sources {
  let sent: string | undefined;
  let seen = '';
  let rule: RuleRef | undefined;
  for (const hop of packet?.hops ?? []) {
    if (!('header' in hop) || hop.header === undefined) continue;
    sent ??= hop.header.source;
    if (hop.step === 'rule' && hop.header.source !== seen && seen !== '') rule = hop.rule;
    seen = hop.header.source;
  }
  return { sent: sent ?? '', seen, ...(rule && { rule }) };
}

/** The packet that asked, and the first that did not arrive: what came between says nothing more. */
function traceEvidence(context: CheckContext, packets: readonly PacketTrace[]): readonly Evidence[] {
  const telling = new Set([packets[0], packets.find(({ verdict }) => verdict.kind !== 'delivered')]);
  const shown = [...telling].filter((packet) => packet !== undefined);
  return shown.length === 0 ? [] : [{ kind: 'trace', lines: context.engine.formatTrace(shown) }];
}
