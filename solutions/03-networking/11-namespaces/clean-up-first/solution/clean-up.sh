# Owners by name: their Pods go with them, since the garbage collector follows ownerReferences.
kubectl delete rc/news rs/api pod/debug service/news service/api
