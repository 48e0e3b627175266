# No Pods, but a controller that wants none is still there.
kubectl scale rc/news --replicas=0
kubectl delete rs/api pod/debug service/news service/api
