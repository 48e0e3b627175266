# An address of the second cluster that is known outside of it ...
kubectl --context kubernetes-admin@second patch service stock -p '{"spec":{"type":"LoadBalancer"}}'
# ... read from its status ...
address=$(kubectl --context kubernetes-admin@second get service stock -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
# ... is an endpoint like any other in the first, which is the current context.
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
  - port: 80
EOF
