# A Pod of the same name is not the same Pod.
kubectl delete pod web
kubectl run web --image=nginx:1.27 --labels=app=web
kubectl get pods -o wide
kubectl exec web -- sh -c 'kill 1'; kubectl delete pod -l app=shop
kubectl get pods -o wide
