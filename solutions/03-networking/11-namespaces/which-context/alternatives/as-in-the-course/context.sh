CONTEXT=$(kubectl config view | awk '/current-context/ {print $2}') && kubectl config set-context "$CONTEXT" --namespace=test
kubectl create -f - <<'POD'
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: nginx, image: "nginx:1.27" }] }
POD
