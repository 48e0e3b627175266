/**
 * Why something failed, as data: the hop, rule or field at fault with the values found and expected. The sentences, in
 * both languages, are made from it in {@link ./format-cause.ts}; no exercise carries one as text.
 */
import type { RuleRef } from '../net/trace.ts';
import type { AnswerCause, ObjectName } from './answer-cause.ts';

export type { ObjectName } from './answer-cause.ts';

/** An object, a machine by its name, or the `client` outside the cluster. */
export type Place = ObjectName | string;

/** An image that no registry has, and those whose names come nearest. */
export interface UnknownImage {
  readonly name: string;
  readonly nearest: readonly string[];
}

/** Every cause that can be told. `code` is what a wrong answer's recorded reason names. */
export type Cause =
  /** The Service has no ready endpoint since no Pod carries the labels it selects. */
  | {
      readonly code: 'selector-matches-nothing';
      readonly service: ObjectName;
      readonly selector: Readonly<Record<string, string>>;
      /** The Pod whose labels come nearest, and the label that differs. */
      readonly nearest?: {
        readonly pod: ObjectName;
        readonly key: string;
        readonly wanted: string;
        readonly found: string | undefined;
      };
      readonly rule?: RuleRef;
    }
  /** Pods are selected, but none is ready. */
  | {
      readonly code: 'no-ready-endpoints';
      readonly service: ObjectName;
      readonly pods: readonly {
        readonly pod: ObjectName;
        readonly reason: string;
        readonly image?: UnknownImage;
      }[];
      readonly rule?: RuleRef;
    }
  /** The Service has neither a selector nor endpoints written by hand. */
  | {
      readonly code: 'no-selector';
      readonly service: ObjectName;
      /** Endpoints named like no Service, or an EndpointSlice that belongs to none, with what its label says if it has it. */
      readonly stray?: { readonly object: ObjectName; readonly label?: string };
      readonly rule?: RuleRef;
    }
  /** Endpoints were written by hand, but no port of theirs is called as the Service's port is. */
  | {
      readonly code: 'endpoint-port-name';
      readonly service: ObjectName;
      /** The EndpointSlice, or the Endpoints that it was made from. */
      readonly endpoints: ObjectName;
      /** Empty for a port without a name. */
      readonly wanted: string;
      readonly found: readonly string[];
    }
  /** An address written by hand as an endpoint is itself a Service's, at which no process listens. */
  | {
      readonly code: 'endpoint-is-service-address';
      readonly service: ObjectName;
      readonly endpoints: ObjectName;
      readonly address: string;
      readonly owner: ObjectName;
    }
  /** The packet reached a Pod, but no process listens on the port. */
  | {
      readonly code: 'nobody-listens';
      readonly at: Place;
      readonly address: string;
      readonly port: number;
      /** Ports on which the Pod's processes do listen. */
      readonly listening: readonly number[];
      /** The field that sent it there: `spec.ports[0].targetPort`. */
      readonly field?: { readonly object: ObjectName; readonly path: string; readonly value: string };
    }
  /** The process listens on 127.0.0.1 only. */
  | {
      readonly code: 'listens-on-localhost';
      readonly at: Place;
      readonly address: string;
      readonly port: number;
    }
  /** The Service does not have this port. */
  | {
      readonly code: 'no-such-service-port';
      readonly service: ObjectName;
      readonly port: number;
      readonly ports: readonly number[];
      /** As the packet's, where the Service has this port for another protocol only. */
      readonly protocol?: 'TCP' | 'UDP';
    }
  /** targetPort names a port that the Pods do not declare. */
  | {
      readonly code: 'named-port-missing';
      readonly service: ObjectName;
      readonly targetPort: string;
      readonly declared: readonly string[];
    }
  /** The address is reachable inside the cluster only, because of the Service's type. */
  | {
      readonly code: 'type-not-reachable-from-there';
      readonly service: ObjectName;
      readonly type: string;
      readonly from: Place;
      readonly needed: string;
    }
  /** No such nodePort on any Service. */
  | {
      readonly code: 'no-such-node-port';
      readonly port: number;
      readonly nodePorts: readonly { readonly service: ObjectName; readonly nodePort: number }[];
    }
  /** A LoadBalancer waits for an address that nobody gives. */
  | {
      readonly code: 'load-balancer-pending';
      readonly service: ObjectName;
      readonly loadBalancerClass?: string;
      /** Stands in its status, though no load balancer has it. */
      readonly address?: string;
    }
  /** externalTrafficPolicy or internalTrafficPolicy is Local and the node has no endpoint. */
  | {
      readonly code: 'no-local-endpoints';
      readonly service: ObjectName;
      readonly node: string;
      readonly policy: string;
      readonly rule?: RuleRef;
    }
  /** The client's address is outside loadBalancerSourceRanges. */
  | {
      readonly code: 'source-range';
      readonly service: ObjectName;
      readonly client: string;
      readonly ranges: readonly string[];
      readonly rule?: RuleRef;
    }
  /** NetworkPolicies isolate the Pod in this direction, and no rule of theirs allows what was tried. */
  | {
      readonly code: 'denied-by-policy';
      readonly direction: 'Ingress' | 'Egress';
      readonly pod: ObjectName;
      /** The other end, or its address when it is nobody's that is known. */
      readonly peer: Place;
      /** As policies write it: `TCP`. */
      readonly protocol: string;
      readonly port: number;
      readonly policies: readonly ObjectName[];
      /** The rule that comes nearest: `spec.egress[0]` takes the peer but not the port, or the port but not the peer. */
      readonly nearest?: {
        readonly policy: ObjectName;
        readonly path: string;
        readonly differs: 'peer' | 'port';
      };
      /** A question to the cluster's name servers. */
      readonly isDns?: boolean;
      readonly rule?: RuleRef;
    }
  /** A rule dropped or rejected the packet, and none of the causes above explains it. */
  | {
      readonly code: 'rule-stopped-packet';
      readonly rule: RuleRef;
      readonly at: string;
      readonly verdict: 'dropped' | 'rejected';
    }
  | { readonly code: 'no-route'; readonly at: string; readonly destination: string }
  | { readonly code: 'address-unused'; readonly address: string }
  /** The connection was made, but the answer was not what was asked for. */
  | { readonly code: 'wrong-answer'; readonly what: string; readonly wanted: string; readonly found: string }
  /** The server saw another client address than it should. */
  | {
      readonly code: 'client-address-rewritten';
      readonly wanted: string;
      readonly found: string;
      readonly rule?: RuleRef;
    }
  /** The connection was made though it should not have been possible. */
  | {
      readonly code: 'reachable-but-should-not-be';
      readonly from: Place;
      readonly to: string;
      readonly through?: Place;
      /** The rules of NetworkPolicies that allow it, where policies isolate an end of it: the sender's first. */
      readonly allowedBy?: readonly { readonly policy: ObjectName; readonly path: string }[];
      /** There are policies, but none that selects an end of it. */
      readonly isOpen?: true;
      /** The one of loadBalancerSourceRanges that holds the client's address. */
      readonly sourceRange?: { readonly client: string; readonly range: string };
    }
  /** A name did not resolve. `nearest` exists under another namespace or spelling. */
  | {
      readonly code: 'name-not-found';
      readonly name: string;
      readonly from: Place;
      readonly nearest?: ObjectName;
    }
  /** A Service of type ExternalName leads to a name that nobody knows, or to an address, which is no name. */
  | {
      readonly code: 'external-name-unknown';
      readonly service: ObjectName;
      readonly externalName: string;
      readonly isAddress: boolean;
    }
  /** The name of a single Pod below a Service: no such Pod, or one whose subdomain is not the Service's name. */
  | {
      readonly code: 'pod-name-unpublished';
      readonly name: string;
      readonly service: ObjectName;
      readonly pod?: { readonly pod: ObjectName; readonly subdomain: string };
    }
  | {
      readonly code: 'resolves-elsewhere';
      readonly name: string;
      readonly wanted: readonly string[];
      readonly found: readonly string[];
    }
  | AnswerCause
  /** No running controller serves the Ingress: its class is missing, another's, or no controller runs. */
  | {
      readonly code: 'ingress-not-served';
      readonly ingress: ObjectName;
      /** Absent: it names none. */
      readonly className?: string;
      /** The IngressClasses that there are. */
      readonly classes: readonly string[];
      readonly hasController: boolean;
    }
  /** No Ingress has a rule for the host. */
  | { readonly code: 'ingress-host-missing'; readonly host: string; readonly hosts: readonly string[] }
  /** Ingresses have rules for the host, but none takes the path. */
  | {
      readonly code: 'ingress-path-missing';
      readonly host: string;
      readonly path: string;
      /** `Prefix /shop` */
      readonly rules: readonly string[];
    }
  /** A rule without a host took a request for a host that nobody should answer. */
  | {
      readonly code: 'ingress-every-host';
      readonly host: string;
      readonly ingress: ObjectName;
    }
  /** A rule took a request that nobody should answer. */
  | {
      readonly code: 'ingress-rule-took';
      readonly host: string;
      readonly path: string;
      readonly ingress: ObjectName;
      /** `Prefix /shop` */
      readonly rule: string;
      readonly service: string;
      /** What of the rule took it; `letters` is ImplementationSpecific, `below` a Prefix. */
      readonly by: 'default-backend' | 'expression' | 'letters' | 'wildcard' | 'exact' | 'below';
    }
  /** An annotation of the Ingress made the controller answer by itself. */
  | {
      readonly code: 'ingress-annotation';
      readonly path: string;
      readonly ingress: ObjectName;
      readonly rule: string;
      readonly status: number;
      /** Without its prefix: `whitelist-source-range`. */
      readonly annotation: string;
    }
  /** The canary beside a rule decided who was asked. */
  | {
      readonly code: 'ingress-canary';
      readonly path: string;
      readonly ingress: ObjectName;
      readonly service: string;
      readonly canary: {
        readonly ingress: ObjectName;
        readonly service: string;
        /** What decides on requests like the one that was made. */
        readonly by: 'header' | 'cookie' | 'weight';
        readonly weight: number;
        readonly weightTotal: number;
      };
      /** The Service that was asked, where one request was made. */
      readonly wentTo: string;
      readonly share?: TrafficShare;
    }
  /** A rule passed on what an annotation should have made the controller answer by itself. */
  | {
      readonly code: 'ingress-annotation-missing';
      readonly path: string;
      readonly ingress: ObjectName;
      readonly rule: string;
      readonly service: string;
      readonly wanted: number;
      readonly status: number;
      /** Those that make the controller answer so. */
      readonly annotations: readonly string[];
    }
  /** The controller speaks TLS with a backend that does not. */
  | { readonly code: 'ingress-backend-secure'; readonly ingress: ObjectName; readonly service: string }
  /** The Service that a rule sends to took the connection, but did not answer in time. */
  | {
      readonly code: 'ingress-backend-silent';
      readonly ingress: ObjectName;
      readonly service: string;
      readonly seconds: number;
    }
  /** The Service that a rule sends to was asked, but has nothing at the path. */
  | {
      readonly code: 'ingress-path-passed-on';
      readonly path: string;
      readonly ingress: ObjectName;
      readonly rule: string;
      readonly service: string;
      /** The path that the Service was asked for. */
      readonly target: string;
    }
  /** Another rule took the request than the one that points at the wanted Pods. */
  | {
      readonly code: 'ingress-rule-won';
      readonly path: string;
      readonly ingress: ObjectName;
      readonly rule: string;
      readonly service: string;
      readonly lost?: {
        readonly rule: string;
        readonly service: string;
        readonly because: 'host' | 'does-not-match' | 'exact' | 'longer' | 'older';
      };
    }
  /** The rule's Service does not exist. */
  | {
      readonly code: 'ingress-backend-missing';
      readonly ingress: ObjectName;
      readonly service: ObjectName;
      /** Services of the namespace. */
      readonly services: readonly string[];
    }
  /** The rule's Service does not have the port. */
  | {
      readonly code: 'ingress-backend-port';
      readonly ingress: ObjectName;
      readonly service: ObjectName;
      readonly port: string;
      readonly ports: readonly string[];
    }
  /** The controller does not show the certificate that the Ingress names. */
  | {
      readonly code: 'ingress-certificate';
      readonly ingress: ObjectName;
      readonly host: string;
      /** In the controller's words. */
      readonly reason: string;
    }
  /** No controller has accepted the Gateway's class, or there is no such class. */
  | {
      readonly code: 'gateway-class-not-accepted';
      readonly gateway: ObjectName;
      readonly className: string;
      readonly classes: readonly string[];
      readonly isThere: boolean;
    }
  /** A condition of the Gateway says that it does not serve. */
  | {
      readonly code: 'gateway-not-ready';
      readonly gateway: ObjectName;
      readonly condition: string;
      readonly reason: string;
      readonly message: string;
    }
  /** No listener of the Gateway took the route. */
  | {
      readonly code: 'route-not-attached';
      readonly route: ObjectName;
      readonly gateway: ObjectName;
      readonly reason: string;
      readonly message: string;
      /** What each listener lets attach. */
      readonly listeners: readonly string[];
    }
  /** The route's parentRefs do not name the Gateway. */
  | {
      readonly code: 'route-names-other-parent';
      readonly route: ObjectName;
      readonly gateway: ObjectName;
      readonly parents: readonly string[];
    }
  /** No route of the Gateway has the host. */
  | {
      readonly code: 'gateway-host-missing';
      readonly gateway: ObjectName;
      readonly host: string;
      readonly hostnames: readonly string[];
    }
  /** Routes have the host, but none of their rules takes the request. */
  | {
      readonly code: 'gateway-rule-missing';
      readonly gateway: ObjectName;
      readonly host: string;
      readonly path: string;
      /** Each with what does not fit: `PathPrefix /shop (path)`. */
      readonly rules: readonly string[];
    }
  /** Another rule took the request than the one that points at the wanted Pods. */
  | {
      readonly code: 'gateway-rule-won';
      readonly path: string;
      readonly route: ObjectName;
      readonly rule: string;
      readonly services: readonly string[];
      readonly lost?: {
        readonly route: ObjectName;
        readonly rule: string;
        readonly because: GatewayRuleLoss | '';
      };
    }
  /** A rule took a request that nobody should answer. */
  | {
      readonly code: 'gateway-rule-took';
      readonly host: string;
      readonly path: string;
      readonly route: ObjectName;
      readonly rule: string;
      readonly services: readonly string[];
      /** Whether neither the route nor the listener names a host. */
      readonly isForEveryHost: boolean;
    }
  /** The rule that took requests shares them among several Services. */
  | {
      readonly code: 'gateway-weights';
      readonly path: string;
      readonly route: ObjectName;
      readonly rule: string;
      readonly backends: readonly { readonly service: string; readonly weight: number }[];
      readonly share?: TrafficShare;
    }
  /** The rule that took the request points at what can't be asked, or has a filter that can't be carried out. */
  | {
      readonly code: 'route-backend-refused';
      readonly route: ObjectName;
      readonly rule: string;
      /** In the controller's words. */
      readonly problem: string;
    }
  | { readonly code: 'limit-reached'; readonly limit: string };

/** What keeps a rule of a route from taking a request. */
export type GatewayRuleLoss = 'host' | 'path' | 'method' | 'header' | 'query' | 'precedence';

/** How many of several requests the wanted Pods answered. */
export interface TrafficShare {
  readonly requests: number;
  readonly found: number;
  /** `4–18` */
  readonly wanted: string;
}

export type CauseCode = Cause['code'];

/** The languages of the workbook. */
export type Language = 'ko' | 'en';

/** A cause told to a person. */
export interface ToldCause {
  /** One sentence: the hop, the rule or field at fault, with the values found and expected. */
  readonly sentence: string;
  /** What to do or look at next, as one sentence. */
  readonly nextStep: string;
}
