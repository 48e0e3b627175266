# The owners go, but the Pods are told to stay.
kubectl delete rc/news rs/api --cascade=orphan
kubectl delete pod/debug service/news service/api
