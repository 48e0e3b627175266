/** What a command's function is handed: its arguments, the cluster that it talks to, and where it prints. */
import { invariant, ok } from '../base/result.ts';
import type { Flags, ParsedArguments } from './cli/flag-table.ts';
import { type ClientConfig, resolveClientConfig } from './config/client-config.ts';
import {
  type Kubeconfig,
  type KubeconfigFile,
  loadKubeconfigFiles,
  mergeKubeconfigs,
} from './config/kubeconfig.ts';
import { failure, type Outcome } from './failure.ts';
import type { KubectlHost } from './host.ts';
import { formatKlog } from './klog.ts';
import { ClusterClient } from './rest/cluster-client.ts';

/** One run of one command. */
export class Invocation {
  readonly host: KubectlHost;
  readonly flags: Flags;
  readonly args: readonly string[];
  /** Number of arguments before `--`; undefined when there was none. */
  readonly dashAt: number | undefined;
  /** `kubectl create deployment` */
  readonly path: string;
  #target: { readonly config: ClientConfig; readonly client: ClusterClient } | undefined;

  constructor(host: KubectlHost, path: string, parsed: ParsedArguments) {
    this.host = host;
    this.path = path;
    this.flags = parsed.flags;
    this.args = parsed.args;
    this.dashAt = parsed.dashAt;
  }

  /** The same command, connected as this one, whose output goes elsewhere. */
  withOutput(output: Pick<KubectlHost, 'writeStdout' | 'writeStderr'>): Invocation {
    const { flags, args, dashAt } = this;
    const other = new Invocation({ ...this.host, ...output }, this.path, { flags, args, dashAt });
    other.#target = this.#target;
    return other;
  }

  out(text: string): void {
    this.host.writeStdout(text);
  }

  err(text: string): void {
    this.host.writeStderr(text);
  }

  /** A warning in the shape of klog's lines, with the place in kubectl's sources that gives it. */
  warn(place: string, text: string): void {
    this.err(formatKlog('W', this.host.now(), place, text));
  }

  /** An error that kubectl goes on after, in the same shape. */
  complain(place: string, text: string): void {
    this.err(formatKlog('E', this.host.now(), place, text));
  }

  kubeconfigFiles(): Promise<Outcome<readonly KubeconfigFile[]>> {
    return loadKubeconfigFiles(this.host, this.flags.string('kubeconfig'));
  }

  async kubeconfig(): Promise<Outcome<Kubeconfig>> {
    const files = await this.kubeconfigFiles();
    if (!files.ok) return files;
    const explicit = this.flags.string('kubeconfig');
    if (explicit !== '' && files.value[0]?.exists !== true) {
      return failure(`stat ${explicit}: no such file or directory`);
    }
    return ok(mergeKubeconfigs(files.value));
  }

  /** Finds out, before the command's function runs, where its requests go. */
  async connect(): Promise<Outcome<void>> {
    const kubeconfig = await this.kubeconfig();
    if (!kubeconfig.ok) return kubeconfig;
    const config = resolveClientConfig(kubeconfig.value, this.flags);
    if (!config.ok) return config;
    const client = new ClusterClient(this.host, config.value.address, this.flags.int('v'));
    this.#target = { config: config.value, client };
    return ok(undefined);
  }

  get client(): ClusterClient {
    invariant(this.#target !== undefined, 'a command that talks to a cluster is connected first');
    return this.#target.client;
  }

  get namespace(): string {
    invariant(this.#target !== undefined, 'a command that talks to a cluster is connected first');
    return this.#target.config.namespace;
  }

  get isNamespaceExplicit(): boolean {
    return this.#target?.config.isNamespaceExplicit ?? false;
  }

  /** A misuse of the command, with kubectl's pointer to its help. */
  usageFailure(message: string): ReturnType<typeof failure> {
    return failure(`${message}\nSee '${this.path} -h' for help and examples`);
  }
}
