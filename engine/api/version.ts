/** The Kubernetes release that is simulated. */
export const kubernetesVersion = {
  major: '1',
  minor: '36',
  /** Of the oldest release whose clients' behaviour it can take on. */
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.0',
} as const;
