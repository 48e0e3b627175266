kubectl get pods -o wide
# Another process of the container: the container goes on.
kubectl exec web -- sh -c 'kill $$'
kubectl delete pod -l app=shop
kubectl get pods -o wide
