/** What an administrator may have installed in a cluster before anybody works with it. */
import { installEnvoyGateway } from '../addons/gateway/install.ts';
import { installGatewayApi } from '../addons/gateway-api/gateway-api.ts';
import { installIngressNginx } from '../addons/ingress/install.ts';
import type { EventQueue } from '../base/event-queue.ts';
import type { Client } from '../client/client.ts';

/**
 * `gateway-api`: the definitions alone. `envoy-gateway`: the controller with its class `eg`, and the definitions that it
 * needs. `ingress-nginx`: the controller with its class `nginx`.
 */
export type Addon = 'gateway-api' | 'envoy-gateway' | 'ingress-nginx';

/** Installs an addon with its manifests and lets it come up. */
export function installAddon(addon: Addon, client: Client, queue: EventQueue): void {
  if (addon === 'ingress-nginx') installIngressNginx(client);
  else installGatewayApi(client);
  queue.settle();
  if (addon !== 'envoy-gateway') return;
  installEnvoyGateway(client);
  queue.settle();
}
