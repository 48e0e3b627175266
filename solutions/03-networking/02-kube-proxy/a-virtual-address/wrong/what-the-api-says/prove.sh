# The API tells one address of each node, not what its interfaces have.
kubectl get nodes -o wide
ssh worker-1 curl -s http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
