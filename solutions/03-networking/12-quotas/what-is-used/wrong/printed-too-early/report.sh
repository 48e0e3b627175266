kubectl describe namespace/test
kubectl describe namespace/test
kubectl expose rc web --port=80 --namespace=test
