# Another node might have it.
ssh worker-1 ip -4 addr
ssh worker-1 curl -s http://$(kubectl get service web -o jsonpath='{.spec.clusterIP}')
