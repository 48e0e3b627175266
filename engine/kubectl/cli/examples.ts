/** What the help of each command shows of its use: lines of our own, each of which works on a cluster of the workbook. */

/** One line, and what it does. */
export interface Example {
  readonly does: string;
  readonly line: string;
}

/** Commands by their path, below each its lines behind what they do. */
const text = `
annotate
  # Note who looks after a Service
  kubectl annotate service web owner=jane
  # Change a note that is there already
  kubectl annotate service web owner=joe --overwrite
  # Take the note away
  kubectl annotate service web owner-
api-resources
  # Every kind that the server knows
  kubectl api-resources
  # The kinds of one API group, with their verbs
  kubectl api-resources --api-group=networking.k8s.io -o wide
  # Kinds that belong to no namespace
  kubectl api-resources --namespaced=false
api-versions
  # The groups and versions that the server knows
  kubectl api-versions
apply
  # Make or change what a file describes
  kubectl apply -f service.yaml
  # Everything in a folder
  kubectl apply -f manifests/
  # What another command writes
  kubectl create deployment web --image=nginx --dry-run=client -o yaml | kubectl apply -f -
  # Let the server merge, and take over fields of others
  kubectl apply --server-side --force-conflicts -f service.yaml
apply edit-last-applied
  # Edit what was applied last to a Service
  kubectl apply edit-last-applied service/web
apply set-last-applied
  # Note a file as what was applied last, without changing the object
  kubectl apply set-last-applied -f service.yaml --create-annotation
apply view-last-applied
  # What was applied last to a Service, as YAML
  kubectl apply view-last-applied service/web
  # The same of what a file names, as JSON
  kubectl apply view-last-applied -f service.yaml -o json
attach
  # The output of a running Pod, from now on
  kubectl attach web
  # Type into one of its containers
  kubectl attach web -c shell -it
auth can-i
  # May I make Services in the current namespace?
  kubectl auth can-i create services
  # May I read logs anywhere?
  kubectl auth can-i get pods --subresource=log -A
  # All that I may do in a namespace
  kubectl auth can-i --list -n shop
auth reconcile
  # Bring roles and bindings up to what a file says
  kubectl auth reconcile -f roles.yaml
auth whoami
  # As whom the server knows me
  kubectl auth whoami
autoscale
  # Between two and ten Pods, by how busy they are
  kubectl autoscale deployment web --min=2 --max=10
  # With a goal for the processor
  kubectl autoscale deployment web --max=5 --cpu=80%
certificate approve
  # Approve a request for a certificate
  kubectl certificate approve jane
certificate deny
  # Deny it
  kubectl certificate deny jane
cluster-info
  # Where the API server and the name servers are
  kubectl cluster-info
cluster-info dump
  # The state of the cluster's own namespace
  kubectl cluster-info dump
  # Of other namespaces, into a folder
  kubectl cluster-info dump --namespaces=default,shop --output-directory=state
completion
  # Let this bash complete kubectl's words
  source <(kubectl completion bash)
config current-context
  # The context in use
  kubectl config current-context
config delete-cluster
  # Forget a cluster
  kubectl config delete-cluster second
config delete-context
  # Forget a context
  kubectl config delete-context second
config delete-user
  # Forget a user
  kubectl config delete-user jane
config get-clusters
  # The clusters that are known
  kubectl config get-clusters
config get-contexts
  # All contexts, the one in use marked
  kubectl config get-contexts
  # Their names alone
  kubectl config get-contexts -o name
config get-users
  # The users that are known
  kubectl config get-users
config rename-context
  # Call a context by a shorter name
  kubectl config rename-context kubernetes-admin@second second
config set
  # Set one value by its path
  kubectl config set contexts.second.namespace shop
config set-cluster
  # Where a cluster's API server is
  kubectl config set-cluster second --server=https://172.19.0.2:6443
config set-context
  # The namespace of the context in use
  kubectl config set-context --current --namespace=shop
  # A context of a cluster and a user
  kubectl config set-context red --cluster=second --user=jane --namespace=red
config set-credentials
  # The token of a user
  kubectl config set-credentials jane --token=secret
config unset
  # Take one value away
  kubectl config unset contexts.second.namespace
config use-context
  # From now on ask the other cluster
  kubectl config use-context kubernetes-admin@second
config view
  # The merged kubeconfig, secrets left out
  kubectl config view
  # What belongs to the context in use
  kubectl config view --minify
  # The address of its API server
  kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'
cordon
  # No new Pods for a node
  kubectl cordon worker-2
cp
  # A file into a container
  kubectl cp page.html web:/usr/share/nginx/html/index.html
  # A folder out of a container of a Pod in another namespace
  kubectl cp shop/web:/etc/nginx nginx -c web
create
  # Make what a file describes
  kubectl create -f pod.yaml
  # Make what comes on standard input
  cat pod.yaml | kubectl create -f -
create clusterrole
  # Read Pods and Services in all namespaces
  kubectl create clusterrole viewer --verb=get,list,watch --resource=pods,services
create clusterrolebinding
  # Give it to a user
  kubectl create clusterrolebinding jane-views --clusterrole=viewer --user=jane
create configmap
  # From values on the command line
  kubectl create configmap settings --from-literal=color=blue --from-literal=size=3
  # From a file, under its name
  kubectl create configmap pages --from-file=index.html
create cronjob
  # Ask a Service every five minutes
  kubectl create cronjob ask --image=busybox:1.36 --schedule='*/5 * * * *' -- wget -qO- http://web
create deployment
  # Three Pods that listen on port 80
  kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80
  # With a command of its own
  kubectl create deployment echo --image=hashicorp/http-echo -- /http-echo -text=hello
create ingress
  # One host, one path
  kubectl create ingress shop --class=nginx --rule='shop.example.com/=shop:80'
  # Everything below a path, with TLS
  kubectl create ingress shop --class=nginx --rule='shop.example.com/cart*=cart:80,tls=shop-tls'
  # A Service for all that no rule takes
  kubectl create ingress rest --class=nginx --default-backend=sorry:80
create job
  # Ask a Service once
  kubectl create job ask --image=busybox:1.36 -- wget -qO- http://web
  # Run a CronJob's job now
  kubectl create job now --from=cronjob/ask
create namespace
  # A room of its own for a tenant
  kubectl create namespace red
create poddisruptionbudget
  # At least one Pod stays
  kubectl create poddisruptionbudget web --selector=app=web --min-available=1
create priorityclass
  # Pods that go before others
  kubectl create priorityclass urgent --value=1000 --description='before all others'
create quota
  # At most three Pods and two Services
  kubectl create quota small --hard=pods=3,services=2 -n red
create role
  # Read Pods and their logs
  kubectl create role reader --verb=get,list --resource=pods,pods/log
create rolebinding
  # Give a role to a ServiceAccount
  kubectl create rolebinding reads --role=reader --serviceaccount=default:default
create secret docker-registry
  # A login for a registry
  kubectl create secret docker-registry login --docker-server=registry.example.com --docker-username=jane --docker-password=secret
create secret generic
  # From values on the command line
  kubectl create secret generic db --from-literal=password=secret
  # From files, under keys of their own
  kubectl create secret generic keys --from-file=id=id_rsa
create secret tls
  # A certificate and its key, for an Ingress
  kubectl create secret tls shop-tls --cert=tls.crt --key=tls.key
create service clusterip
  # Port 80, which leads to 8080 of the Pods labelled app=web
  kubectl create service clusterip web --tcp=80:8080
  # Without an address of its own
  kubectl create service clusterip peers --clusterip=None
create service externalname
  # Another name for a host outside
  kubectl create service externalname bill --external-name=billing.example.com
create service loadbalancer
  # With an address for the world outside
  kubectl create service loadbalancer web --tcp=80:80
create service nodeport
  # At a certain port of every node
  kubectl create service nodeport web --tcp=80:80 --node-port=30080
create serviceaccount
  # An account for Pods
  kubectl create serviceaccount robot
create token
  # A token of an account, for an hour
  kubectl create token robot --duration=1h
debug
  # A shell with tools in the network of a running Pod
  kubectl debug web -it --image=busybox:1.36
  # A copy of a Pod whose container does something else
  kubectl debug web -it --copy-to=web-debug --container=web -- sh
  # A Pod in the network of a node
  kubectl debug node/worker-1 -it --image=busybox:1.36
delete
  # What a file describes
  kubectl delete -f service.yaml
  # By kind and name
  kubectl delete pod/web service/web
  # All Pods with a label
  kubectl delete pods -l app=web
  # Without waiting until it has gone
  kubectl delete namespace red --wait=false
  # A controller, but not its Pods
  kubectl delete replicaset web --cascade=orphan
describe
  # A Service with its endpoints
  kubectl describe service web
  # All Pods with a label
  kubectl describe pods -l app=web
  # What a file names
  kubectl describe -f pod.yaml
diff
  # What applying a file would change
  kubectl diff -f service.yaml
  # Of what comes on standard input
  cat service.yaml | kubectl diff -f -
drain
  # Take the Pods off a node, but for those of DaemonSets
  kubectl drain worker-2 --ignore-daemonsets
  # Pods that nobody makes again, too, within a minute
  kubectl drain worker-2 --ignore-daemonsets --force --timeout=1m
edit
  # A Service in the editor
  kubectl edit service web
  # With another editor, as JSON
  KUBE_EDITOR=nano kubectl edit deployment/web -o json
events
  # What has happened in this namespace
  kubectl events
  # Warnings of one Pod
  kubectl events --for=pod/web --types=Warning
  # Everywhere, as it happens
  kubectl events -A --watch
exec
  # Ask a Service from inside a Pod
  kubectl exec client -- wget -qO- http://web
  # A shell in one of several containers
  kubectl exec -it client -c tools -- sh
  # In the first Pod of a Deployment
  kubectl exec deploy/web -- env
explain
  # What a Service consists of
  kubectl explain services
  # One field of it
  kubectl explain service.spec.externalTrafficPolicy
  # All fields at a glance
  kubectl explain ingress --recursive
expose
  # A Service in front of a Deployment's Pods
  kubectl expose deployment web --port=80 --target-port=8080
  # With an address for the world outside
  kubectl expose pod web --port=80 --type=LoadBalancer --name=shop
get
  # Pods with their addresses and nodes
  kubectl get pods -o wide
  # Several kinds at once
  kubectl get services,endpointslices
  # By label, in all namespaces
  kubectl get pods -l app=web -A
  # One value alone
  kubectl get service web -o jsonpath='{.spec.clusterIP}'
  # Columns of your own
  kubectl get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP
  # As things change
  kubectl get pods --watch
kuberc
  # Make a wide table the default of get
  kubectl kuberc set --section defaults --command get --option output=wide
kuberc set
  # An alias for the list of nodes
  kubectl kuberc set --section aliases --name getn --command get --prependarg nodes
kuberc view
  # The preferences as JSON
  kubectl kuberc view -o json
kustomize
  # What a folder with a kustomization comes to
  kubectl kustomize overlays/test
label
  # Put a Pod behind a Service that selects it
  kubectl label pod web app=shop
  # Change a label
  kubectl label pod web app=cart --overwrite
  # Take a label away, from all Pods
  kubectl label pods --all app-
logs
  # What a Pod has written
  kubectl logs web
  # The last lines of all Pods with a label, as they come
  kubectl logs -l app=web --tail=5 -f
  # Of a container's run before the last restart
  kubectl logs web -c nginx --previous
  # Of a Deployment, of the last minutes
  kubectl logs deploy/web --since=5m
patch
  # Change one field
  kubectl patch service web -p '{"spec":{"type":"NodePort"}}'
  # In steps, by JSON Patch
  kubectl patch service web --type=json -p '[{"op":"replace","path":"/spec/ports/0/port","value":81}]'
  # Take a field away
  kubectl patch service web --type=merge -p '{"spec":{"selector":null}}'
plugin
  # The plugins that are installed
  kubectl plugin list
plugin list
  # The plugins that are installed
  kubectl plugin list
port-forward
  # Port 8080 here leads to port 80 of a Pod
  kubectl port-forward pod/web 8080:80
  # To a Pod behind a Service, from any free port
  kubectl port-forward service/web :80
proxy
  # The API at port 8080
  kubectl proxy --port=8080
replace
  # Put what a file says in the place of what is there
  kubectl replace -f service.yaml
  # Delete it first and make it anew
  kubectl replace --force -f pod.yaml
rollout
  # How far a change has come
  kubectl rollout status deployment/web
  # Back to what was before
  kubectl rollout undo deployment/web
rollout history
  # The revisions of a Deployment
  kubectl rollout history deployment/web
  # One of them in full
  kubectl rollout history deployment/web --revision=2
rollout pause
  # Collect several changes
  kubectl rollout pause deployment/web
rollout restart
  # New Pods of the same kind, one after the other
  kubectl rollout restart deployment/web
  # Of all Deployments with a label
  kubectl rollout restart deployments --selector=app=web
rollout resume
  # Roll out what was collected
  kubectl rollout resume deployment/web
rollout status
  # Wait until the new Pods are ready
  kubectl rollout status deployment/web --timeout=2m
rollout undo
  # Back to the revision before
  kubectl rollout undo deployment/web
  # Back to a certain one
  kubectl rollout undo deployment/web --to-revision=1
run
  # A Pod with a web server
  kubectl run web --image=nginx:1.27 --port=80
  # A shell for a moment
  kubectl run client -it --rm --image=busybox:1.36 --restart=Never -- sh
  # A Pod that stays, to ask from
  kubectl run client --image=busybox:1.36 -- sleep infinity
  # Only the manifest
  kubectl run web --image=nginx --labels=app=web --dry-run=client -o yaml
scale
  # Three Pods
  kubectl scale deployment web --replicas=3
  # Only if there are two now
  kubectl scale deployment web --current-replicas=2 --replicas=3
set env
  # A variable for the Pods of a Deployment
  kubectl set env deployment/web COLOR=blue
  # Take it away again
  kubectl set env deployment/web COLOR-
  # Which there are
  kubectl set env deployment/web --list
set image
  # Another image for one container
  kubectl set image deployment/web nginx=nginx:1.26
set resources
  # What the Pods of a Deployment ask for
  kubectl set resources deployment web --requests=cpu=100m,memory=64Mi --limits=cpu=200m
set selector
  # Other Pods behind a Service
  kubectl set selector service web app=web,version=v2
set serviceaccount
  # Let Pods act under another account
  kubectl set serviceaccount deployment web robot
set subject
  # One more user for a binding
  kubectl set subject rolebinding reads --user=jane
taint
  # Keep Pods off a node
  kubectl taint nodes worker-2 repair=now:NoSchedule
  # Let them come again
  kubectl taint nodes worker-2 repair-
top node
  # How busy the nodes are
  kubectl top node
top pod
  # How busy the Pods are, by memory
  kubectl top pod --sort-by=memory
uncordon
  # Let Pods come to a node again
  kubectl uncordon worker-2
version
  # The versions of kubectl and of the server
  kubectl version
  # Of kubectl alone
  kubectl version --client
wait
  # Until a Pod is ready
  kubectl wait pod/web --for=condition=Ready --timeout=60s
  # Until a Service has an external address
  kubectl wait service/web --for=jsonpath='{.status.loadBalancer.ingress}'
  # Until Pods have gone
  kubectl wait pods -l app=web --for=delete
`;

const examples = readExamples();

/** The lines of a command's help, by its path without `kubectl`: none for a command that has none. */
export function examplesOf(path: string): readonly Example[] {
  return examples.get(path) ?? [];
}

/** Paths of all commands that have lines. */
export function exampledPaths(): Iterable<string> {
  return examples.keys();
}

function readExamples(): ReadonlyMap<string, readonly Example[]> {
  const found = new Map<string, Example[]>();
  let own: Example[] = [];
  let does = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('  # ')) does = line.slice(4);
    else if (line.startsWith('  ')) own.push({ does, line: line.slice(2) });
    else if (line !== '') {
      own = [];
      found.set(line, own);
    }
  }
  return found;
}
