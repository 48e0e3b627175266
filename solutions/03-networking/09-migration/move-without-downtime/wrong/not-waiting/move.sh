kubectl scale deployment catalog --replicas=2
kubectl set selector service catalog app=catalog
kubectl delete endpointslice catalog-outside
