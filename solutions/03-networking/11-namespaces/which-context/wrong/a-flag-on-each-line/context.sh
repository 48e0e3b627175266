kubectl run web --image=nginx:1.27 --namespace=test
kubectl get pods --namespace=test
