columns=NAME:.metadata.name,RESTARTS:.status.containerStatuses[0].restartCount,IP:.status.podIP
kubectl get pod web -o custom-columns=$columns
kubectl exec web -- nginx -s quit
kubectl get pod web -o custom-columns=$columns
kubectl get pod -l app=shop -o jsonpath='{.items[0].status.podIP}{"\n"}'
kubectl delete pod -l app=shop --force
kubectl get pod -l app=shop -o jsonpath='{.items[0].status.podIP}{"\n"}'
