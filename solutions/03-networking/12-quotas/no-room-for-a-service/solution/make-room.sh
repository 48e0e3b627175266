# Nobody is behind old; and web has no need of the only node port, so it is made anew without one.
kubectl delete service old web --namespace=test
kubectl expose rc web --port=80 --namespace=test
kubectl expose rc shop --port=80 --type=LoadBalancer --namespace=test
