for node in control-plane worker-1 worker-2; do ssh $node ip -4 addr; done
# The rules are on the nodes; the client outside has none of them.
curl -s -m 2 http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
