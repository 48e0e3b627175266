kubectl scale deployment catalog --replicas=2
kubectl rollout status deployment/catalog
kubectl delete service catalog
kubectl expose deployment catalog --port=80
kubectl delete endpointslice catalog-outside --ignore-not-found
