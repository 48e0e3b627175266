kubectl patch service catalog -p '{"spec":{"selector":{"app":"catalog"}}}'
kubectl scale deploy/catalog --replicas=3
kubectl wait --for=condition=Available --timeout=60s deployment/catalog
kubectl get endpointslices -l kubernetes.io/service-name=catalog
kubectl delete endpointslices/catalog-outside
