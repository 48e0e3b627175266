kubectl config use-context kubernetes-admin@second
kubectl patch service stock -p '{"spec":{"type":"LoadBalancer"}}'
address=$(kubectl get service stock -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
kubectl config use-context kubernetes-admin@kubedrill
kubectl create service clusterip stock --tcp=80
kubectl patch service stock --type=json -p '[{"op":"remove","path":"/spec/selector"}]'
kubectl apply -f - <<EOF
apiVersion: v1
kind: Endpoints
metadata:
  name: stock
subsets:
  - addresses:
      - ip: $address
    ports:
      - name: "80"
        port: 80
EOF
