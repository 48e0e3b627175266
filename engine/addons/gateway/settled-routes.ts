/**
 * Routes whose status says what it should: they are not judged again as long as they, their rules, the labels of their
 * namespace and all listeners stay the same. Where they are attached is remembered.
 */
import type { JsonObject } from '../../base/json.ts';
import type { AttachableGateway } from './attach.ts';
import type { ReadRules } from './rules.ts';

/** A listener by its place among all of all Gateways, with the hostnames in common. */
export interface Attachment {
  readonly at: number;
  readonly hostnames: readonly string[];
}

/** What a judgement rests on besides the listeners. */
export interface JudgedRoute {
  readonly object: JsonObject;
  readonly rules: ReadRules;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** See the head of this file. */
export interface SettledRoutes {
  /** Looks at the listeners; when they are others than before, nothing is settled any more. */
  begin(gateways: readonly AttachableGateway[]): void;
  /** Where a settled route is attached; undefined when it has to be judged. */
  find(route: JudgedRoute): readonly Attachment[] | undefined;
  keep(route: JudgedRoute, attachments: readonly Attachment[]): void;
}

/** Nothing is settled. */
export function createSettledRoutes(): SettledRoutes {
  let known = new WeakMap<JsonObject, JudgedRoute & { readonly attachments: readonly Attachment[] }>();
  let listeners = '';
  return {
    begin(gateways) {
      const now = JSON.stringify(
        gateways.map(({ namespace, name, listeners: all }) => [
          namespace,
          name,
          all.map(({ spec, isReady, supportedKinds }) => [spec, isReady, supportedKinds]),
        ]),
      );
      if (now !== listeners) known = new WeakMap();
      listeners = now;
    },
    find({ object, rules, labels }) {
      const found = known.get(object);
      return found?.rules === rules && found.labels === labels ? found.attachments : undefined;
    },
    keep(route, attachments) {
      known.set(route.object, { ...route, attachments });
    },
  };
}
