kubectl get pods -o wide
kubectl exec web -- sh -c 'kill 1'
kubectl get pods -o wide
kubectl delete pod -l app=shop
