for node in control-plane worker-1 worker-2; do ssh $node ip -4 addr; done
kubectl get service web
# That is the address of a Pod, which an interface does have.
ssh worker-1 curl -s http://$(kubectl get pod -l app=web -o jsonpath='{.items[0].status.podIP}')
