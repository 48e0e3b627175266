/** The commands of kubectl. */
import type { Command } from '../cli/command.ts';
import { applyCommand } from './apply.ts';
import { attachCommand } from './attach.ts';
import { authCommand } from './auth.ts';
import { autoscaleCommand } from './autoscale.ts';
import { certificateCommand } from './certificate.ts';
import { annotateCommand, labelCommand } from './change-metadata.ts';
import { completionCommand } from './complete.ts';
import { configCommand } from './config.ts';
import { cordonCommand, uncordonCommand } from './cordon.ts';
import { cpCommand } from './cp.ts';
import { createCommand } from './create.ts';
import { debugCommand } from './debug.ts';
import { deleteCommand } from './delete.ts';
import { describeCommand } from './describe.ts';
import { diffCommand } from './diff.ts';
import {
  apiResourcesCommand,
  apiVersionsCommand,
  clusterInfoCommand,
  versionCommand,
} from './discovery-commands.ts';
import { drainCommand } from './drain.ts';
import { editCommand } from './edit.ts';
import { eventsCommand } from './events.ts';
import { execCommand } from './exec.ts';
import { explainCommand } from './explain.ts';
import { exposeCommand } from './expose.ts';
import { getCommand } from './get.ts';
import { kubercCommand } from './kuberc.ts';
import { kustomizeCommand } from './kustomize.ts';
import { logsCommand } from './logs.ts';
import { patchCommand } from './patch.ts';
import { pluginCommand } from './plugin.ts';
import { portForwardCommand } from './port-forward.ts';
import { proxyCommand } from './proxy.ts';
import { replaceCommand } from './replace.ts';
import { rolloutCommand } from './rollout.ts';
import { runCommand } from './run.ts';
import { scaleCommand } from './scale.ts';
import { setCommand } from './set.ts';
import { taintCommand } from './taint.ts';
import { topGroup } from './top.ts';
import { waitCommand } from './wait.ts';

/** `kubectl` itself. */
export const rootCommand: Command = {
  name: 'kubectl',
  usage: '',
  short: 'kubectl controls the Kubernetes cluster manager',
  flags: [],
  // In the order in which the original adds them, which is that of its suggestions.
  subcommands: [
    createCommand,
    exposeCommand,
    runCommand,
    setCommand,
    explainCommand,
    getCommand,
    editCommand,
    deleteCommand,
    rolloutCommand,
    scaleCommand,
    autoscaleCommand,
    certificateCommand,
    clusterInfoCommand,
    topGroup,
    cordonCommand,
    uncordonCommand,
    drainCommand,
    taintCommand,
    describeCommand,
    logsCommand,
    attachCommand,
    execCommand,
    portForwardCommand,
    proxyCommand,
    cpCommand,
    authCommand,
    debugCommand,
    eventsCommand,
    diffCommand,
    applyCommand,
    patchCommand,
    replaceCommand,
    waitCommand,
    kustomizeCommand,
    labelCommand,
    annotateCommand,
    completionCommand,
    configCommand,
    pluginCommand,
    versionCommand,
    apiVersionsCommand,
    apiResourcesCommand,
    kubercCommand,
  ],
};
