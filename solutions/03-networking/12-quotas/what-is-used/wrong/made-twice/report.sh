kubectl describe namespace/test
kubectl expose rc web --port=80 -n test
# There is room for one.
kubectl expose rc web --name=web-2 --port=80 -n test
kubectl describe namespace/test
