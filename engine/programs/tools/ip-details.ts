/**
 * What `ip -d link` adds about the kind of a link: how Linux has it when nobody changed anything.
 * Source: iproute2 6.1 on Linux 6.18, recorded in fixtures/iproute2-show.txt. Left out: the bridge's timers, which stand still.
 */
import type { LinkFacts } from '../../net/process/inspect.ts';

/** The words after the hardware's address, and the lines that follow. */
export function detailsOf(
  link: LinkFacts,
  { withAddresses, links }: { readonly withAddresses: boolean; readonly links: readonly LinkFacts[] },
): string {
  const sizes = link.kind === 'loopback' ? 'minmtu 0 maxmtu 0' : 'minmtu 68 maxmtu 65535';
  const counts = link.port !== undefined ? 'promiscuity 1  allmulti 1' : 'promiscuity 0  allmulti 0';
  const kind = kindText(link);
  const port =
    link.port === undefined
      ? ''
      : `\n    ${portText(link.port, links.find(({ name }) => name === link.master)?.mac ?? link.mac)}`;
  const generated = withAddresses ? '' : 'addrgenmode eui64 ';
  const queues = link.kind === 'veth' ? 2 : 1;
  const rest = `${generated}numtxqueues ${queues} numrxqueues ${queues} gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 `;
  return ` ${counts} ${sizes} ${kind === '' ? '' : `\n    ${kind} `}${port}${rest}`;
}

function kindText({ kind, mac }: LinkFacts): string {
  if (kind === 'veth') return 'veth';
  if (kind !== 'bridge') return '';
  const id = bridgeId(mac);
  return `bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 0 priority 32768 vlan_filtering 0 bridge_id ${id} designated_root ${id} root_port 0 root_path_cost 0 topology_change 0 topology_change_detected 0 hello_timer    0.00 tcn_timer    0.00 topology_change_timer    0.00 gc_timer    0.00 group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_snooping 1 no_linklocal_learn 0 mcast_vlan_snooping 0 mcast_router 1 mcast_query_use_ifaddr 0 mcast_querier 0 mcast_hash_elasticity 16 mcast_hash_max 4096 mcast_last_member_count 2 mcast_startup_query_count 2 mcast_last_member_interval 100 mcast_membership_interval 26000 mcast_querier_interval 25500 mcast_query_interval 12500 mcast_query_response_interval 1000 mcast_startup_query_interval 3124 mcast_stats_enabled 0 mcast_igmp_version 2 mcast_mld_version 1 nf_call_iptables 0 nf_call_ip6tables 0 nf_call_arptables 0`;
}

function portText({ number: decimal, hairpin }: NonNullable<LinkFacts['port']>, bridgeMac: string): string {
  const id = bridgeId(bridgeMac);
  const number = decimal.toString(16);
  return `bridge_slave state forwarding priority 32 cost 2 hairpin ${hairpin ? 'on' : 'off'} guard off root_block off fastleave off learning on flood on port_id 0x8${number.padStart(3, '0')} port_no 0x${number} designated_port ${32_768 + decimal} designated_cost 0 designated_bridge ${id} designated_root ${id} hold_timer    0.00 message_age_timer    0.00 forward_delay_timer    0.00 topology_change_ack 0 config_pending 0 proxy_arp off proxy_arp_wifi off mcast_router 1 mcast_fast_leave off mcast_flood on bcast_flood on mcast_to_unicast off neigh_suppress off group_fwd_mask 0 group_fwd_mask_str 0x0 vlan_tunnel off isolated off locked off `;
}

/** The priority, and the address without leading zeros. */
function bridgeId(mac: string): string {
  return `8000.${mac
    .split(':')
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}`;
}
