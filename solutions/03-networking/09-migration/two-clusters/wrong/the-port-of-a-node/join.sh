kubectl --context kubernetes-admin@second patch service stock -p '{"spec":{"type":"NodePort"}}'
port=$(kubectl --context kubernetes-admin@second get service stock -o jsonpath='{.spec.ports[0].nodePort}')
address=$(kubectl --context kubernetes-admin@second get node second-worker-1 -o jsonpath='{.status.addresses[0].address}')
kubectl apply -f - <<EOF
apiVersion: v1
kind: Service
metadata:
  name: stock
spec:
  ports:
    - port: 80
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: stock-second
  labels:
    kubernetes.io/service-name: stock
addressType: IPv4
endpoints:
  - addresses: [$address]
ports:
  - port: $port
EOF
