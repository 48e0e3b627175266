kubectl scale rs/api --replicas=0
kubectl delete rc/news pod/debug service/news service/api
