kubectl describe namespace/test
kubectl expose rc web --name=news --port=80 -n test
kubectl describe namespace/test
