kubectl get pods -o wide
kubectl exec web -- sh -c 'kill 1'
# A restart is no new Pod.
kubectl exec rc/shop -- sh -c 'kill 1'
kubectl get pods -o wide
