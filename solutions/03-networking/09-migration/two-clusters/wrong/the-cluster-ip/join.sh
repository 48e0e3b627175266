kubectl --context kubernetes-admin@second patch service stock -p '{"spec":{"type":"LoadBalancer"}}'
address=$(kubectl --context kubernetes-admin@second get service stock -o jsonpath='{.spec.clusterIP}')
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
