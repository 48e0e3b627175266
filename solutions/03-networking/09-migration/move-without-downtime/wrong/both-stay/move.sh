kubectl scale deployment catalog --replicas=2
kubectl rollout status deployment/catalog
kubectl set selector service catalog app=catalog
