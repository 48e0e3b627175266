# It lands in test, but the next command is in default again.
kubectl create -f - <<'POD'
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: test }
spec: { containers: [{ name: nginx, image: "nginx:1.27" }] }
POD
