/**
 * From a failure and the objects to its cause. Each function looks at what happened (a packet's trace, a refusal, an
 * object) and at the cluster as it is, and names what a person should mend.
 */
import type { Ingress } from '../api/types/kinds.ts';
import type { Resource } from '../api/types/resources.ts';
import type { GatewayRuleLoss, ObjectName } from './cause.ts';

/** What an explanation may look at. */
export interface ExplainView {
  list<T>(resource: Resource<T>, namespace?: string): readonly T[];
  /** Sockets that wait for connections in a network namespace. */
  listenersIn(
    netns: string,
  ): readonly { readonly protocol: 'tcp' | 'udp'; readonly address: string; readonly port: number }[];
  /** The addresses of each machine by name, the nodes and `client` among them. */
  machineAddresses(): ReadonlyMap<string, readonly string[]>;
  /** The last lines that a container wrote. */
  lastLog(namespace: string, pod: string, container: string): string;
  /** The names that come nearest to an image that no registry has; undefined when one has it. */
  nearestImages(image: string): readonly string[] | undefined;
  /** The controllers of Ingresses that run. */
  ingressControllers(): readonly IngressController[];
  /** What the proxies of a Gateway (`namespace/name`) make of a request. */
  gatewayRouting(
    gateway: string,
    request: {
      readonly host: string;
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly port: number;
    },
  ): GatewayRouting;
}

/** The rules of a Gateway's routes, held against a request. */
export interface GatewayRouting {
  /** Hostnames that there are routes for. */
  readonly hostnames: readonly string[];
  readonly rules: readonly GatewayRule[];
}

/** A match of a rule. */
export interface GatewayRule {
  readonly route: ObjectName;
  /** `PathPrefix /shop, GET` */
  readonly text: string;
  /** What keeps it from taking the request; empty for the one that takes it. */
  readonly because: GatewayRuleLoss | '';
  readonly services: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly port: number;
    readonly weight: number;
    readonly problem: string;
  }[];
  /** What keeps it from being carried out; empty otherwise. */
  readonly problem: string;
}

/** A controller of Ingresses, asked for what it makes of them. */
export interface IngressController {
  serves(ingress: Ingress): boolean;
  /** The rule that takes a request; undefined when none does. */
  find(request: IngressRequest): IngressRuleFound | undefined;
  /** Why the certificate that an Ingress names for a host is not shown; undefined when it is, or when it names none. */
  certificateProblem(ingress: Ingress, host: string): string | undefined;
}

/** What of a request a controller of Ingresses goes by. */
export interface IngressRequest {
  readonly host: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  readonly headers: Readonly<Record<string, string>>;
  /** As the controller sees it; empty when nobody knows. */
  readonly clientAddress: string;
}

/** The rule that took a request, and what is wrong with its backend. */
export interface IngressRuleFound {
  readonly ingress: ObjectName;
  /** As the rule has it; empty for a rule without one. */
  readonly host: string;
  readonly path: string;
  readonly pathType: string;
  /** Whether the paths of the host are regular expressions. */
  readonly isExpression: boolean;
  readonly service?: string;
  readonly port?: string;
  readonly problem?: 'no-service' | 'no-port' | 'no-endpoints';
  /** The path and query that the backend is asked for. */
  readonly target: string;
  /** How long the controller waits for an answer. */
  readonly readTimeoutSeconds: number;
  /** Whether the backend is spoken to in TLS. */
  readonly isSecure: boolean;
  /** What an annotation makes the controller answer by itself. */
  readonly answer?: { readonly status: number; readonly annotation: string };
  /** The canary beside the rule, and what decides on requests like this one. */
  readonly canary?: {
    readonly ingress: ObjectName;
    readonly service: string;
    readonly by: 'header' | 'cookie' | 'weight';
    readonly weight: number;
    readonly weightTotal: number;
  };
}
