# They come back: their owners live on.
kubectl delete pods --all
