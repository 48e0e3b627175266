ssh control-plane ip -br addr
ssh worker-1 ip -4 -br addr
ssh worker-2 ip -br -4 address
kubectl get service web
address=$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
# The way of an answer: this node's rules, a Pod, and back.
ssh worker-2 curl -s "$address"
