kubectl describe namespace/test
kubectl expose rc web --port=80 --namespace=test
# The API server has counted the Service when it let it in.
kubectl describe namespace/test
