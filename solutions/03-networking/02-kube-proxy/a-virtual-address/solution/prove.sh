# No node has the address on an interface, yet from each of them it answers: the rules of the node make it up.
for node in control-plane worker-1 worker-2; do
  ssh $node ip -4 addr
  ssh $node curl -s http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
done
