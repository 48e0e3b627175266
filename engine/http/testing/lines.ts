/** A session at the command line, from an empty cluster on: each line works on what the lines before it left. */

/** Files that the lines name. */
export const files: ReadonlyMap<string, string> = new Map([
  [
    'web.yaml',
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - name: http
          containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
    targetPort: http
`,
  ],
  [
    'service.yaml',
    `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
  - name: https
    port: 443
    targetPort: 8443
`,
  ],
  ['unknown.yaml', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: odd\nspec:\n  prots:\n  - port: 80\n'],
  [
    'invalid.yaml',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: odd\nspec:\n  ports:\n  - port: 99999\n',
  ],
  ['settings.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  color: blue\n'],
  [
    'settings-red.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  color: red\n',
  ],
  ['editor', '#!/bin/sh\nsed -i s/blue/green/ "$1"\n'],
]);

/** A line, and what it reads. */
export interface Line {
  readonly line: string;
  readonly stdin?: string;
}

const texts: readonly string[] = [
  'kubectl get nodes',
  'kubectl get nodes -o wide',
  'kubectl get ns',
  'kubectl get pods',
  'kubectl get pods -n nowhere',
  'kubectl create namespace shop',
  'kubectl create namespace shop',
  'kubectl apply -f web.yaml',
  'kubectl apply -f web.yaml',
  'kubectl wait --for=condition=Available deployment/web --timeout=60s',
  'kubectl get deployments,replicasets,pods,services',
  'kubectl get deployment web -o wide',
  'kubectl get pods -o wide',
  'kubectl get pods -l app=web --show-labels',
  'kubectl get pods -l app=web -o name',
  'kubectl get service web -o yaml',
  'kubectl get deployment web -o yaml',
  'kubectl get deployment web -o json',
  'kubectl get endpointslices -o yaml',
  "kubectl get pods -o jsonpath='{.items[*].status.podIP}'",
  'kubectl get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName',
  'kubectl get pods --sort-by=.spec.nodeName',
  'kubectl get endpoints',
  'kubectl get all',
  'kubectl describe service web',
  'kubectl describe deployment web',
  'kubectl describe pods -l app=web',
  'kubectl describe node worker-1',
  'kubectl get service nothing',
  'kubectl get nothing',
  'kubectl apply -f service.yaml',
  'kubectl apply -f unknown.yaml',
  'kubectl apply -f invalid.yaml',
  'kubectl apply -f missing.yaml',
  'kubectl apply --dry-run=server -f web.yaml',
  'kubectl diff -f missing.yaml',
  'kubectl scale deployment web --replicas=3',
  'kubectl scale deployment web --replicas=1 --current-replicas=2',
  'kubectl label pods -l app=web tier=front',
  'kubectl label service web tier=front',
  'kubectl label service web tier=back',
  'kubectl label --overwrite service web tier=back',
  'kubectl label service web tier-',
  'kubectl annotate service web note=hello',
  'kubectl annotate service web note=other',
  'kubectl annotate service web note-',
  `kubectl patch service web -p '{"spec":{"ports":[{"port":80,"targetPort":8080}]}}'`,
  `kubectl patch service web --type=merge -p '{"spec":{"type":"NodePort"}}'`,
  `kubectl patch service web --type=json -p '[{"op":"replace","path":"/spec/type","value":"ClusterIP"}]'`,
  `kubectl patch service web --type=json -p '[{"op":"remove","path":"/spec/nothing"}]'`,
  `kubectl patch service web -p '{"spec":{"prots":[]}}'`,
  'kubectl expose deployment web --name=web-np --type=NodePort --port=80',
  'kubectl expose deployment web',
  'kubectl get services',
  'kubectl create deployment api --image=registry.k8s.io/e2e-test-images/agnhost:2.53 -- /agnhost netexec --http-port=8080',
  'kubectl rollout status deployment/api',
  'kubectl create service clusterip api --tcp=80:8080',
  'kubectl create configmap settings --from-literal=color=blue',
  'kubectl get configmap settings -o yaml',
  'KUBE_EDITOR="sh editor" kubectl edit configmap settings',
  'kubectl get configmap settings -o json',
  'kubectl apply --server-side -f settings.yaml',
  'kubectl apply --server-side -f settings.yaml --field-manager=other',
  'kubectl apply --server-side -f settings-red.yaml --field-manager=other',
  'kubectl apply --server-side -f settings-red.yaml --field-manager=other --force-conflicts',
  'kubectl get configmap settings -o yaml --show-managed-fields',
  'kubectl create secret generic key --from-literal=word=secret',
  'kubectl describe secret key',
  'kubectl run one --image=nginx:1.27 --restart=Never --labels=app=one',
  'kubectl wait --for=condition=Ready pod/one --timeout=60s',
  'kubectl exec one -- cat /etc/hostname',
  "kubectl exec one -- sh -c 'exit 3'",
  'kubectl exec one -- nothing-here',
  'kubectl exec nothing -- true',
  'kubectl exec one -c nothing -- true',
  'kubectl logs one',
  'kubectl logs one --tail=1',
  'kubectl logs nothing',
  'kubectl run bad --image=nowhere.invalid/none:1',
  'kubectl get pod bad',
  'kubectl logs bad',
  'kubectl describe pod bad',
  'kubectl create -f web.yaml',
  'kubectl replace -f service.yaml',
  'kubectl explain service.spec.ports',
  'kubectl explain pods.spec.containers.livenessProbe',
  'kubectl explain deployment --recursive',
  'kubectl explain service.spec.prots',
  'kubectl api-resources',
  'kubectl api-resources --api-group=apps -o wide',
  'kubectl api-versions',
  'kubectl get events --field-selector involvedObject.name=one',
  'kubectl delete pod one',
  'kubectl delete pod one',
  'kubectl delete deployment web --wait=false',
  'kubectl delete -f service.yaml',
  'kubectl delete namespace shop',
  'kubectl delete pods --all',
  'kubectl get pods -A',
];

/** The lines in order. */
export const lines: readonly Line[] = [
  ...texts.map((line) => ({ line })),
  {
    line: 'kubectl apply -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"piped"},"data":{"a":"1"}}',
  },
  { line: 'kubectl create -f -', stdin: 'apiVersion: v1\nkind: Nothing\nmetadata:\n  name: x\n' },
];
