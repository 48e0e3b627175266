/** The kubeconfig of the client machine: as kubeadm leaves it on a control plane, without its certificates. */
import type { Member } from './member.ts';

/** Every cluster with a context of its own; `current` is where a line without --context goes. */
export function adminKubeconfig(members: readonly Member[], current: Member): string {
  const user = ({ facts }: Member) =>
    facts === members[0]?.facts ? 'kubernetes-admin' : `${facts.name}-admin`;
  const context = (member: Member) => `kubernetes-admin@${member.facts.name}`;
  return [
    'apiVersion: v1',
    'clusters:',
    ...members.flatMap(({ facts }) => [
      '- cluster:',
      `    server: https://${facts.apiServerAddress}`,
      `  name: ${facts.name}`,
    ]),
    'contexts:',
    ...members.flatMap((member) => [
      '- context:',
      `    cluster: ${member.facts.name}`,
      `    user: ${user(member)}`,
      `  name: ${context(member)}`,
    ]),
    `current-context: ${context(current)}`,
    'kind: Config',
    'users:',
    ...members.flatMap((member) => [`- name: ${user(member)}`, '  user: {}']),
    '',
  ].join('\n');
}
