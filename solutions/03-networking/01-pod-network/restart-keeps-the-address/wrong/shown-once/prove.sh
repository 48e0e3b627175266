kubectl exec web -- sh -c 'kill 1'
kubectl get pod -l app=shop -o wide
kubectl delete pod -l app=shop
kubectl get pods -o wide
