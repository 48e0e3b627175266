/**
 * The kinds that parts of the engine read and write by field. A kind that is only stored needs no type here.

 */

import type { CoreV1EndpointPort } from '@kubernetes/client-node/dist/gen/models/CoreV1EndpointPort.js';
import type { CoreV1Event } from '@kubernetes/client-node/dist/gen/models/CoreV1Event.js';
import type { DiscoveryV1EndpointPort } from '@kubernetes/client-node/dist/gen/models/DiscoveryV1EndpointPort.js';
import type { V1ConfigMap } from '@kubernetes/client-node/dist/gen/models/V1ConfigMap.js';
import type { V1Container } from '@kubernetes/client-node/dist/gen/models/V1Container.js';
import type { V1ContainerStatus } from '@kubernetes/client-node/dist/gen/models/V1ContainerStatus.js';
import type { V1ControllerRevision } from '@kubernetes/client-node/dist/gen/models/V1ControllerRevision.js';
import type { V1CronJob } from '@kubernetes/client-node/dist/gen/models/V1CronJob.js';
import type { V1DaemonSet } from '@kubernetes/client-node/dist/gen/models/V1DaemonSet.js';
import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js';
import type { V1Endpoint } from '@kubernetes/client-node/dist/gen/models/V1Endpoint.js';
import type { V1EndpointSlice } from '@kubernetes/client-node/dist/gen/models/V1EndpointSlice.js';
import type { V1EndpointSubset } from '@kubernetes/client-node/dist/gen/models/V1EndpointSubset.js';
import type { V1Endpoints } from '@kubernetes/client-node/dist/gen/models/V1Endpoints.js';
import type { V1EnvVar } from '@kubernetes/client-node/dist/gen/models/V1EnvVar.js';
import type { V1Job } from '@kubernetes/client-node/dist/gen/models/V1Job.js';
import type { V1JobCondition } from '@kubernetes/client-node/dist/gen/models/V1JobCondition.js';
import type { V1Lease } from '@kubernetes/client-node/dist/gen/models/V1Lease.js';
import type { V1Namespace } from '@kubernetes/client-node/dist/gen/models/V1Namespace.js';
import type { V1NetworkPolicy } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicy.js';
import type { V1NetworkPolicyPeer } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicyPeer.js';
import type { V1NetworkPolicyPort } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicyPort.js';
import type { V1Node } from '@kubernetes/client-node/dist/gen/models/V1Node.js';
import type { V1OwnerReference } from '@kubernetes/client-node/dist/gen/models/V1OwnerReference.js';
import type { V1PersistentVolume } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolume.js';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeClaim.js';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import type { V1PodCondition } from '@kubernetes/client-node/dist/gen/models/V1PodCondition.js';
import type { V1PodDisruptionBudget } from '@kubernetes/client-node/dist/gen/models/V1PodDisruptionBudget.js';
import type { V1PodSpec } from '@kubernetes/client-node/dist/gen/models/V1PodSpec.js';
import type { V1PodTemplateSpec } from '@kubernetes/client-node/dist/gen/models/V1PodTemplateSpec.js';
import type { V1Probe } from '@kubernetes/client-node/dist/gen/models/V1Probe.js';
import type { V1ReplicaSet } from '@kubernetes/client-node/dist/gen/models/V1ReplicaSet.js';
import type { V1ReplicationController } from '@kubernetes/client-node/dist/gen/models/V1ReplicationController.js';
import type { V1ResourceQuota } from '@kubernetes/client-node/dist/gen/models/V1ResourceQuota.js';
import type { V1Secret } from '@kubernetes/client-node/dist/gen/models/V1Secret.js';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import type { V1ServiceAccount } from '@kubernetes/client-node/dist/gen/models/V1ServiceAccount.js';
import type { V1ServicePort } from '@kubernetes/client-node/dist/gen/models/V1ServicePort.js';
import type { V1StatefulSet } from '@kubernetes/client-node/dist/gen/models/V1StatefulSet.js';
import type { V1Status } from '@kubernetes/client-node/dist/gen/models/V1Status.js';
import type { V1StorageClass } from '@kubernetes/client-node/dist/gen/models/V1StorageClass.js';
import type { Stored, Wire } from './wire.ts';

/** The ports of an EndpointSlice (discovery.k8s.io/v1). */
export type EndpointSlicePort = Wire<DiscoveryV1EndpointPort>;
/** The ports of a subset of Endpoints (core/v1). */
export type EndpointsPort = Wire<CoreV1EndpointPort>;
export type ConfigMap = Stored<Wire<V1ConfigMap>>;
export type Container = Wire<V1Container>;
export type ContainerStatus = Wire<V1ContainerStatus>;
export type ControllerRevision = Stored<Wire<V1ControllerRevision>>;
export type CronJob = Stored<Wire<V1CronJob>>;
export type DaemonSet = Stored<Wire<V1DaemonSet>>;
export type Job = Stored<Wire<V1Job>>;
export type Lease = Stored<Wire<V1Lease>>;
export type PersistentVolume = Stored<Wire<V1PersistentVolume>>;
export type PersistentVolumeClaim = Stored<Wire<V1PersistentVolumeClaim>>;
export type PodDisruptionBudget = Stored<Wire<V1PodDisruptionBudget>>;
export type StatefulSet = Stored<Wire<V1StatefulSet>>;
export type StorageClass = Stored<Wire<V1StorageClass>>;
export type JobCondition = Wire<V1JobCondition>;
export type Deployment = Stored<Wire<V1Deployment>>;
export type Endpoint = Wire<V1Endpoint>;
export type EndpointSlice = Stored<Wire<V1EndpointSlice>>;
export type EndpointSubset = Wire<V1EndpointSubset>;
export type Endpoints = Stored<Wire<V1Endpoints>>;
export type EnvVar = Wire<V1EnvVar>;
export type Event = Stored<Wire<CoreV1Event>>;
export type Namespace = Stored<Wire<V1Namespace>>;
export type NetworkPolicy = Stored<Wire<V1NetworkPolicy>>;
export type NetworkPolicyPeer = Wire<V1NetworkPolicyPeer>;
export type NetworkPolicyPort = Wire<V1NetworkPolicyPort>;
export type Node = Stored<Wire<V1Node>>;
export type OwnerReference = Wire<V1OwnerReference>;
export type Pod = Stored<Wire<V1Pod>>;
export type PodCondition = Wire<V1PodCondition>;
export type PodSpec = Wire<V1PodSpec>;
export type PodTemplateSpec = Wire<V1PodTemplateSpec>;
export type Probe = Wire<V1Probe>;
export type ReplicaSet = Stored<Wire<V1ReplicaSet>>;
export type ReplicationController = Stored<Wire<V1ReplicationController>>;
export type ResourceQuota = Stored<Wire<V1ResourceQuota>>;
export type Secret = Stored<Wire<V1Secret>>;
export type Service = Stored<Wire<V1Service>>;
export type ServiceAccount = Stored<Wire<V1ServiceAccount>>;
export type ServicePort = Wire<V1ServicePort>;
/** A metav1.Status: the body of every refusal. */
export type Status = Wire<V1Status>;
