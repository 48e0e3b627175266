/**
 * The format of the workbook's data files: chapter.yaml, glossary.yaml, exercise.yaml and reason.yaml. An exercise is data: the world it starts from,
 * the files that a learner writes, and checks of how the cluster then behaves.
 */
import { z } from 'zod';
import { requirements } from './requirements.ts';

/** A text in both languages; neither may be missing. */
export const localizedSchema = z.strictObject({ ko: z.string().min(1), en: z.string().min(1) });
export type Localized = z.infer<typeof localizedSchema>;

const idSchema = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, requirements.id.en);
const relativePathSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, requirements.relativePath.en);
const labelsSchema = z.record(z.string(), z.string());
const portSchema = z.number().int().min(1).max(65535);

/** Which cluster is meant, where the world has a second one (`world.second`); the first when absent. */
const clusterSchema = z.literal('second').optional();

/** One object, by name or, where names are free, by labels (the first match by name). */
const podRefSchema = z
  .strictObject({
    name: z.string().optional(),
    labels: labelsSchema.optional(),
    namespace: z.string().default('default'),
    cluster: clusterSchema,
  })
  .refine((ref) => (ref.name === undefined) !== (ref.labels === undefined), requirements.nameOrLabels.en);
const serviceRefSchema = z.strictObject({
  name: z.string(),
  namespace: z.string().default('default'),
  cluster: clusterSchema,
});

/** Where a request starts. */
export const vantageSchema = z.union([
  z.strictObject({ pod: podRefSchema }),
  z.strictObject({ node: z.string() }),
  /** The host outside the cluster. */
  z.strictObject({ client: z.literal(true) }),
]);
export type CheckVantage = z.infer<typeof vantageSchema>;

/** What is addressed: a URL as typed, or an address that is looked up in the cluster when the check runs. */
export const targetSchema = z.union([
  /** `http://web.default:90/path`, `https://…`, `tcp://10.96.0.10:53` or `udp://…`. */
  z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()).optional() }),
  /** The Pod's own address. */
  z.strictObject({ pod: podRefSchema, port: portSchema, path: z.string().default('/') }),
  /** The Service's clusterIP. */
  z.strictObject({ service: serviceRefSchema, port: portSchema, path: z.string().default('/') }),
  /** A node's address. */
  z.strictObject({ node: z.string(), port: portSchema, path: z.string().default('/') }),
  /** A node's address at the nodePort of a Service's port (`port` is the Service's port, or its name). */
  z.strictObject({
    nodePort: serviceRefSchema,
    port: z.union([portSchema, z.string()]),
    node: z.string(),
    path: z.string().default('/'),
  }),
  /** The address in the Service's status.loadBalancer. */
  z.strictObject({ loadBalancer: serviceRefSchema, port: portSchema, path: z.string().default('/') }),
  /**
   * A host that an Ingress has a rule for, as if its name resolved to the controller: the request goes to the load balancer
   * address of the Service that `through` names, with the host in its Host field and, for https, in its SNI. With `node` it
   * goes to that node's address at the Service's nodePort.
   */
  z.strictObject({
    ingress: z.string(),
    scheme: z.enum(['http', 'https']).default('http'),
    path: z.string().default('/'),
    headers: z.record(z.string(), z.string()).optional(),
    through: serviceRefSchema.default({ name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }),
    node: z.string().optional(),
  }),
  /**
   * The address of a Gateway. `host` goes into the Host field and, for https, the SNI; `port` is a listener's, 80 or 443 when it
   * is left out. With `node` the request goes to that node's address, at the nodePort of the Service of the Gateway's proxies.
   */
  z.strictObject({
    gateway: serviceRefSchema,
    host: z.string().optional(),
    scheme: z.enum(['http', 'https']).default('http'),
    port: portSchema.optional(),
    path: z.string().default('/'),
    headers: z.record(z.string(), z.string()).optional(),
    node: z.string().optional(),
  }),
]);
export type CheckTarget = z.infer<typeof targetSchema>;

/** A value that is computed from the cluster when the check runs. */
export const computedValueSchema = z.union([
  z.strictObject({ literal: z.union([z.string(), z.number()]) }),
  /** A field of an object: `resource` as kubectl takes it (`pod`, `svc`), `path` as JSONPath without braces (`.status.podIP`). */
  z.strictObject({
    resource: z.string(),
    name: z.string().optional(),
    labels: labelsSchema.optional(),
    namespace: z.string().default('default'),
    cluster: clusterSchema,
    path: z.string(),
  }),
  /** What a shell line prints, without the last newline. The shell has pipes, grep, sed, awk, `kubectl` and `ssh NODE …`. */
  z.strictObject({ command: z.string() }),
]);
export type ComputedValue = z.infer<typeof computedValueSchema>;

/** What a value may be taken for: named so that the explanation can say what the learner wrote down instead. */
const confusionSchema = z.enum([
  'pod-address',
  'node-address',
  'service-address',
  'load-balancer-address',
  'client-address',
  'bridge-address',
  'app-container-id',
  'sandbox-id',
  'service-port',
  'target-port',
  'node-port',
  'container-port',
  'service-chain',
  'endpoint-chain',
  'other-endpoint-chain',
  'external-chain',
  'other-probability',
  'pod-of-prefix',
  'pod-of-shorter-prefix',
  'pod-of-same-letters',
  'name-server-address',
  'service-name',
  'quota-with-room',
  'reason-of-success',
  'reason-of-status',
  'other-component',
]);

const checkBase = {
  /** Unique in its exercise. */
  id: idSchema,
  /** What should hold, in one line: the check's name on screen. */
  says: localizedSchema,
  points: z.number().int().min(0).default(1),
  /** Ids of checks that must have passed; otherwise this one is skipped. */
  needs: z.array(idSchema).default([]),
};

const outcomeSchema = z.enum(['answered', 'refused', 'timed-out', 'unreachable', 'reset', 'name-not-found']);

const podWantSchema = z.strictObject({
  labels: labelsSchema,
  namespace: z.string().default('default'),
  cluster: clusterSchema,
});

/** A connection or HTTP request and what must come of it. */
export const reachCheckSchema = z.strictObject({
  ...checkBase,
  kind: z.literal('reach'),
  from: vantageSchema,
  to: targetSchema,
  /** `blocked` is anything but an answer. */
  want: z.union([outcomeSchema, z.literal('blocked'), z.array(outcomeSchema)]).default('answered'),
  /** What must hold of an answer. */
  answer: z
    .strictObject({
      status: z.number().int().optional(),
      /** A regular expression (RE2 syntax) that the body must contain. */
      bodyMatches: z.string().optional(),
      /** Header fields of the answer: a regular expression (RE2 syntax) that the value must contain; names in any case. */
      headers: z.record(z.string(), z.string()).optional(),
      /** For https: whether the certificate that was shown is made for the host and valid at the moment. */
      certificate: z.enum(['fits', 'does-not-fit']).optional(),
      /** The process that answered runs in a Pod with these labels. */
      fromPod: podWantSchema.optional(),
      /** The source address that arrived at the server. */
      sourceSeen: z.union([computedValueSchema, z.literal('unchanged'), z.literal('rewritten')]).optional(),
    })
    .optional(),
  /** How often it is tried; every try must hold. */
  times: z.number().int().min(1).max(100).default(1),
  /** Over all tries, so many were answered by Pods with these labels. */
  share: z
    .strictObject({
      fromPod: podWantSchema,
      atLeast: z.number().int().min(0),
      atMost: z.number().int().min(0),
    })
    .optional(),
  /** Over all tries, at least so many different Pods answered. */
  atLeastPods: z.number().int().min(1).optional(),
  /** Over all tries, at most so many different Pods answered. */
  atMostPods: z.number().int().min(1).optional(),
});

/** A field of an object: equal to, matching, one of, absent, or held against what it was before. */
const fieldWantSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.strictObject({ matches: z.string() }),
  z.strictObject({ oneOf: z.array(z.union([z.string(), z.number()])) }),
  z.strictObject({ absent: z.literal(true) }),
  z.strictObject({ present: z.literal(true) }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
  /** What the same object, or any that the check's name or labels match, had before the learner's files; or, with false, something else. */
  z.strictObject({ asBefore: z.boolean() }),
]);

/** Objects that must be there, or must not, and fields that the task itself demands. */
export const objectCheckSchema = z.strictObject({
  ...checkBase,
  kind: z.literal('object'),
  /** As kubectl takes it: `pod`, `svc`, `endpointslices`. */
  resource: z.string(),
  name: z.string().optional(),
  labels: labelsSchema.optional(),
  namespace: z.string().default('default'),
  cluster: clusterSchema,
  /** How many must match name, labels and fields: an exact number, or bounds. At least one when absent. */
  count: z
    .union([
      z.number().int().min(0),
      z.strictObject({ atLeast: z.number().int().optional(), atMost: z.number().int().optional() }),
    ])
    .optional(),
  /** JSONPath without braces to what is wanted: `.spec.type: NodePort`, `.spec.containers[*].name: …` (any match counts). */
  fields: z.record(z.string(), fieldWantSchema).default({}),
});

/** A regular expression (RE2 syntax); one that is no plain text says with `like` what a person would look for. */
const patternSchema = z.union([
  z.string(),
  z.strictObject({ pattern: z.string().min(1), like: z.string().min(1) }),
]);
export type Pattern = z.infer<typeof patternSchema>;

/** What a line prints: a line of the check's own, or the learner's script as a whole. */
export const outputCheckSchema = z
  .strictObject({
    ...checkBase,
    kind: z.literal('output'),
    /** A shell line run after the learner's files. */
    run: z.string().optional(),
    /** The path of a script among `files`: its recorded output is looked at. */
    of: relativePathSchema.optional(),
    exitCode: z.number().int().optional(),
    /** Values of the cluster, now or before the answer, each of which stdout must hold at least so often. */
    prints: z
      .array(
        z.strictObject({
          value: computedValueSchema,
          before: z.literal(true).optional(),
          times: z.number().int().min(1).max(100).default(1),
        }),
      )
      .default([]),
    /** Each command of the script ends with exit code 0. */
    everySucceeds: z.literal(true).optional(),
    /** Regular expressions (RE2 syntax), each of which must be found; `m` is on. */
    stdoutMatches: z.array(patternSchema).default([]),
    stdoutLacks: z.array(patternSchema).default([]),
    stderrMatches: z.array(patternSchema).default([]),
    /** The script must contain these (on its own command lines, comments left out): for `run` exercises that ask for a certain way. */
    scriptMatches: z.array(patternSchema).default([]),
    scriptLacks: z.array(patternSchema).default([]),
  })
  .refine((check) => (check.run === undefined) !== (check.of === undefined), requirements.runOrOf.en);

/** What a name resolves to from somewhere. */
export const resolveCheckSchema = z.strictObject({
  ...checkBase,
  kind: z.literal('resolve'),
  from: vantageSchema,
  name: z.string(),
  want: z.union([z.literal('name-not-found'), z.strictObject({ addresses: z.array(computedValueSchema) })]),
});

/** A value that the learner found and wrote down in a file of role `values`. */
export const findCheckSchema = z.strictObject({
  ...checkBase,
  kind: z.literal('find'),
  file: relativePathSchema.default('values.yaml'),
  key: z.string(),
  value: computedValueSchema,
  /** Other values of the same cluster that a learner may take for it. */
  confusions: z.array(z.strictObject({ is: confusionSchema, value: computedValueSchema })).default([]),
  /** The command with which it can be seen, shown with a failure. */
  lookWith: z.string(),
});

/**
 * What a container wrote: a client of the world that kept asking while the learner's files ran tells whether a request was
 * lost. Lines are looked at one by one.
 */
export const logCheckSchema = z.strictObject({
  ...checkBase,
  kind: z.literal('log'),
  pod: podRefSchema,
  /** The first one when absent. */
  container: z.string().optional(),
  /** Regular expressions (RE2 syntax) that some line must match. */
  matches: z.array(z.string()).default([]),
  /** Regular expressions that no line may match. */
  lacks: z.array(z.string()).default([]),
  /** So many lines at least must match every one of `matches`: that it did keep asking. */
  atLeast: z.number().int().min(1).default(1),
});

export const checkSchema = z.discriminatedUnion('kind', [
  reachCheckSchema,
  objectCheckSchema,
  outputCheckSchema,
  resolveCheckSchema,
  findCheckSchema,
  logCheckSchema,
]);
export type Check = z.infer<typeof checkSchema>;
export type ReachCheck = z.infer<typeof reachCheckSchema>;
export type ObjectCheck = z.infer<typeof objectCheckSchema>;
export type OutputCheck = z.infer<typeof outputCheckSchema>;
export type ResolveCheck = z.infer<typeof resolveCheckSchema>;
export type LogCheck = z.infer<typeof logCheckSchema>;
export type FindCheck = z.infer<typeof findCheckSchema>;

/** A file that the learner writes; its first content stands under `starter/`. Nothing else is graded. */
export const answerFileSchema = z.strictObject({
  path: relativePathSchema,
  /** `manifest` is applied with `kubectl apply -f`, `script` is run line by line in the shell, `values` is YAML read by find checks. In the order of the list. */
  role: z.enum(['manifest', 'script', 'values']),
});
export type AnswerFile = z.infer<typeof answerFileSchema>;

/** What is told after an exercise has passed. */
const debriefSchema = z.strictObject({
  /** Why the answer works. */
  why: localizedSchema,
  /** What would be different on a bigger cluster. */
  bigger: localizedSchema,
  /** The command with which it is looked at on a real cluster. */
  look: z.string().min(1),
});

/** exercise.yaml */
export const exerciseSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['build', 'run', 'fix', 'find']),
  title: localizedSchema,
  minutes: z.number().int().min(1),
  /** Names and numbers that task and checks share: `$(name)` stands for them everywhere else. */
  terms: z
    .record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, requirements.term.en), z.union([z.string(), z.number()]))
    .default({}),
  /** Ids of exercises to do before. */
  needs: z.array(idSchema).default([]),
  /** What is there before the learner's files: first manifests (paths under `world/`), then shell lines, each settled. */
  world: z
    .strictObject({
      /** Hosts outside of the clusters, in 198.51.100.0/24, whose names resolve everywhere; each runs an image's program. */
      outside: z
        .array(
          z.strictObject({
            name: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, requirements.hostName.en),
            address: z.string(),
            image: z.string(),
            args: z.array(z.string()).optional(),
            env: z.record(z.string(), z.string()).default({}),
            /** Absolute path on the host to a path under `world/`. */
            files: z.record(z.string(), relativePathSchema).default({}),
          }),
        )
        .default([]),
      /** ingress-nginx is installed before all else: class `nginx`, Service `ingress-nginx/ingress-nginx-controller`. */
      ingress: z.boolean().optional(),
      /** Envoy Gateway is installed before all else, with Gateway API's definitions: GatewayClass `eg`. */
      gateway: z.boolean().optional(),
      /** Gateway API's definitions are installed before all else. */
      gatewayApi: z.boolean().optional(),
      manifests: z.array(relativePathSchema).default([]),
      commands: z.array(z.string()).default([]),
      /**
       * A second cluster beside the first (two contexts, `kubernetes-admin@kubedrill` and `kubernetes-admin@second`), with
       * manifests of its own, which are applied before all else.
       */
      second: z.strictObject({ manifests: z.array(relativePathSchema).default([]) }).optional(),
    })
    .default({ outside: [], manifests: [], commands: [] }),
  files: z.array(answerFileSchema).min(1),
  checks: z.array(checkSchema).min(1),
  /** From a nudge to nearly told. */
  hints: z.array(localizedSchema).min(3),
  debrief: debriefSchema,
  /** Virtual seconds that pass between the learner's files and the checks, when settling alone is not enough. */
  waitSeconds: z.number().int().min(0).max(600).default(0),
  /** Virtual seconds that pass after each command of a script, as with a person who types: a wrong order then has its price. */
  secondsPerCommand: z.number().int().min(0).max(60).default(0),
  /** Events that a right answer may make the engine run, checks included; `kubedrill verify` holds solutions to it. */
  maxSteps: z.number().int().min(1).default(2_000),
});
export type ExerciseDefinition = z.infer<typeof exerciseSchema>;

/** chapter.yaml */
export const chapterSchema = z.strictObject({
  id: idSchema,
  title: localizedSchema,
  sections: z
    .array(
      z.strictObject({
        id: idSchema,
        title: localizedSchema,
        /** Exercise ids in order; each is a folder of the section. */
        exercises: z.array(idSchema).min(1),
        /** The one of them for who is in a hurry; the first when absent. */
        fast: idSchema.optional(),
      }),
    )
    .min(1),
});
export type ChapterDefinition = z.infer<typeof chapterSchema>;

/** glossary.yaml beside chapter.yaml */
export const glossarySchema = z.strictObject({
  terms: z.array(
    z.strictObject({
      /** As the documentation of each language writes it. */
      name: localizedSchema,
      /** Other spellings under which it is looked up. */
      aliases: z.array(z.string().min(1)).default([]),
      /** One or two sentences. */
      means: localizedSchema,
      /** The id of the section that teaches it. */
      section: idSchema,
      /** The documentation's page, in the reader's language where it has one. */
      link: z.strictObject({ ko: z.url(), en: z.url() }),
    }),
  ),
});
export type Glossary = z.infer<typeof glossarySchema>;

/** `reason.yaml` beside a wrong answer under solutions: the check that must fail first, and with which cause. */
export const wrongReasonSchema = z.strictObject({
  /** The id of the check, or `files` when the answer's files themselves are refused. */
  check: z.union([idSchema, z.literal('files')]),
  cause: z.string(),
  /** Words that the told sentence must hold in each language: names, numbers, fields. */
  names: z.array(z.string()).default([]),
  /**
   * For wrong values: by key, the confusion of the check whose value was written down instead, or a text. The values
   * themselves are filled in by `kubedrill verify --write-values`, since they hold for one seed only.
   */
  instead: z.record(z.string(), z.union([confusionSchema, z.strictObject({ text: z.string() })])).default({}),
});
export type WrongReason = z.infer<typeof wrongReasonSchema>;

/** `equivalent.yaml` beside a solution: changed solutions that do the same as the solution, and why. */
export const equivalentSchema = z.array(
  z.strictObject({
    /** As `kubedrill verify` names it. */
    mutant: z.string().min(1),
    because: z.string().min(1),
  }),
);
