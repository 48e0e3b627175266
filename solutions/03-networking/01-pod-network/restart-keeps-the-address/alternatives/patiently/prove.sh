kubectl get pods -o wide
kubectl exec web -- sh -c 'kill 1'
kubectl delete pod -l app=shop --wait
sleep 5
kubectl wait pod --all --for=condition=Ready
kubectl get pods -o wide
