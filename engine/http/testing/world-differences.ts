/** Lines of the worlds that print something else with a real kubectl 1.36 than with ours, and why. */
export const worldDifferences: ReadonlyMap<string, string> = new Map([
  [
    "apply: echo 'a: [' | kubectl apply -f -",
    'the YAML parser words a list that ends too early in its own way',
  ],
  [
    'change-web: kubectl delete all -l app=web',
    'the served clock settles after each request, so that the ReplicaSet is gone before the real kubectl comes to it',
  ],
  ['empty: kubectl options', "what a flag means is said in this project's own words"],
  [
    'probes: kubectl port-forward svc/p 8080:80 --pod-running-timeout=1s 9:9:9',
    'the format of every port is looked at before any of them is looked up',
  ],
]);
