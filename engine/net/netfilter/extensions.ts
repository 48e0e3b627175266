/** The matches and targets by name, and how each is read, printed and listed: the one place that names them all. */
import { assertNever } from '../../base/result.ts';
import type { Extension } from './extension.ts';
import { addrtypeExtension, listAddrtype, saveAddrtype } from './matches/addrtype.ts';
import { commentExtension, listComment, saveComment } from './matches/comment.ts';
import {
  conntrackExtension,
  listConntrack,
  listState,
  saveConntrack,
  saveState,
  stateExtension,
} from './matches/conntrack.ts';
import { icmpExtension, listIcmp, saveIcmp } from './matches/icmp.ts';
import { iprangeExtension, listIprange, saveIprange } from './matches/iprange.ts';
import { limitExtension, listLimit, saveLimit } from './matches/limit.ts';
import { connmarkExtension, listMark, markExtension, saveMark } from './matches/mark.ts';
import { listMultiport, multiportExtension, saveMultiport } from './matches/multiport.ts';
import { listPhysdev, physdevExtension, savePhysdev } from './matches/physdev.ts';
import { listPorts, savePorts, sctpExtension, udpExtension } from './matches/ports.ts';
import { listRecent, recentExtension, saveRecent } from './matches/recent.ts';
import { listSet, saveSet, setExtension } from './matches/set.ts';
import { listStatistic, saveStatistic, statisticExtension } from './matches/statistic.ts';
import { listTcp, saveTcp, tcpExtension } from './matches/tcp.ts';
import type { Match, Target } from './rule.ts';
import { listLog, listNflog, logExtension, nflogExtension, saveLog, saveNflog } from './targets/log.ts';
import {
  connmarkTargetExtension,
  listMarkTarget,
  markTargetExtension,
  saveMarkTarget,
} from './targets/mark.ts';
import {
  dnatExtension,
  listNat,
  masqueradeExtension,
  redirectExtension,
  saveNat,
  snatExtension,
} from './targets/nat.ts';
import { listNetmap, netmapExtension, saveNetmap } from './targets/netmap.ts';
import { ctExtension, notrackExtension } from './targets/notrack.ts';
import { rejectExtension } from './targets/reject.ts';
import { listSetTarget, saveSetTarget, setTargetExtension } from './targets/set.ts';
import { listTcpmss, saveTcpmss, tcpmssExtension } from './targets/tcpmss.ts';
import { listTos, saveTos, tosExtension } from './targets/tos.ts';
import { traceExtension } from './targets/trace.ts';

/** Matches by the name after `-m`. */
export const matchExtensions: ReadonlyMap<string, Extension<Match>> = new Map(
  [
    tcpExtension,
    udpExtension,
    sctpExtension,
    icmpExtension,
    multiportExtension,
    addrtypeExtension,
    commentExtension,
    conntrackExtension,
    stateExtension,
    markExtension,
    connmarkExtension,
    statisticExtension,
    recentExtension,
    iprangeExtension,
    limitExtension,
    physdevExtension,
    setExtension,
  ].map((extension) => [extension.name, extension]),
);

/** Targets by the name after `-j`, apart from verdicts and chains. */
export const targetExtensions: ReadonlyMap<string, Extension<Target>> = new Map(
  [
    rejectExtension,
    dnatExtension,
    snatExtension,
    masqueradeExtension,
    redirectExtension,
    markTargetExtension,
    connmarkTargetExtension,
    notrackExtension,
    ctExtension,
    logExtension,
    nflogExtension,
    tcpmssExtension,
    traceExtension,
    tosExtension,
    netmapExtension,
    setTargetExtension,
  ].map((extension) => [extension.name, extension]),
);

/** A match as `iptables-save` prints it, with a space before. */
export function saveMatch(match: Match): string {
  return ` -m ${match.kind}${saveMatchOptions(match)}`;
}

function saveMatchOptions(match: Match): string {
  switch (match.kind) {
    case 'tcp':
      return saveTcp(match);
    case 'udp':
    case 'sctp':
      return savePorts(match);
    case 'icmp':
      return saveIcmp(match);
    case 'multiport':
      return saveMultiport(match);
    case 'addrtype':
      return saveAddrtype(match);
    case 'comment':
      return saveComment(match);
    case 'conntrack':
      return saveConntrack(match);
    case 'state':
      return saveState(match);
    case 'mark':
    case 'connmark':
      return saveMark(match);
    case 'statistic':
      return saveStatistic(match);
    case 'recent':
      return saveRecent(match);
    case 'iprange':
      return saveIprange(match);
    case 'limit':
      return saveLimit(match);
    case 'physdev':
      return savePhysdev(match);
    case 'set':
      return saveSet(match);
    default:
      return assertNever(match);
  }
}

/** A match as `iptables -L` prints it. */
export function listMatch(match: Match): string {
  switch (match.kind) {
    case 'tcp':
      return listTcp(match);
    case 'udp':
    case 'sctp':
      return `${match.kind}${listPorts(match)}`;
    case 'icmp':
      return listIcmp(match);
    case 'multiport':
      return listMultiport(match);
    case 'addrtype':
      return listAddrtype(match);
    case 'comment':
      return listComment(match);
    case 'conntrack':
      return listConntrack(match);
    case 'state':
      return listState(match);
    case 'mark':
    case 'connmark':
      return listMark(match);
    case 'statistic':
      return listStatistic(match);
    case 'recent':
      return listRecent(match);
    case 'iprange':
      return listIprange(match);
    case 'limit':
      return listLimit(match);
    case 'physdev':
      return listPhysdev(match);
    case 'set':
      return listSet(match);
    default:
      return assertNever(match);
  }
}

/** A target's name: what stands after `-j`. */
export function targetName(target: Target): string {
  if (target.kind === 'verdict') return target.verdict;
  if (target.kind === 'jump') return target.chain;
  return target.kind === 'NOTRACK' ? target.writtenAs : target.kind;
}

/** A target as `iptables-save` prints it, with a space before. */
export function saveTarget(target: Target): string {
  return ` ${target.kind === 'jump' && target.isGoto ? '-g' : '-j'} ${targetName(target)}${saveTargetOptions(target)}`;
}

function saveTargetOptions(target: Target): string {
  switch (target.kind) {
    case 'verdict':
    case 'jump':
      return '';
    case 'REJECT':
      return ` --reject-with ${target.type}`;
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return saveNat(target);
    case 'MARK':
    case 'CONNMARK':
      return saveMarkTarget(target);
    case 'NOTRACK':
      return target.writtenAs === 'CT' ? ' --notrack' : '';
    case 'LOG':
      return saveLog(target);
    case 'NFLOG':
      return saveNflog(target);
    case 'TCPMSS':
      return saveTcpmss(target);
    case 'TOS':
      return saveTos(target);
    case 'NETMAP':
      return saveNetmap(target);
    case 'SET':
      return saveSetTarget(target);
    case 'TRACE':
      return '';
    default:
      return assertNever(target);
  }
}

/** What `iptables -L` prints of a target behind the matches. */
export function listTarget(target: Target): string {
  switch (target.kind) {
    case 'verdict':
    case 'jump':
      return '';
    case 'REJECT':
      return `reject-with ${target.type}`;
    case 'DNAT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'REDIRECT':
      return listNat(target);
    case 'MARK':
    case 'CONNMARK':
      return listMarkTarget(target);
    case 'NOTRACK':
      return target.writtenAs === 'CT' ? 'CT notrack' : 'NOTRACK';
    case 'LOG':
      return listLog(target);
    case 'NFLOG':
      return listNflog(target);
    case 'TCPMSS':
      return listTcpmss(target);
    case 'TOS':
      return listTos(target);
    case 'NETMAP':
      return listNetmap(target);
    case 'SET':
      return listSetTarget(target);
    case 'TRACE':
      return '';
    default:
      return assertNever(target);
  }
}
