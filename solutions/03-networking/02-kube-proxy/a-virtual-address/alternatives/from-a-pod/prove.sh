address=$(kubectl get svc web -o jsonpath='{.spec.clusterIP}')
echo "looking for $address"
ssh control-plane ip addr
ssh worker-1 ip addr
ssh worker-2 ip addr
kubectl run client --image=busybox:1.36 --command -- sleep 3600
kubectl wait pod client --for=condition=Ready
kubectl exec client -- wget -qO- http://$address
