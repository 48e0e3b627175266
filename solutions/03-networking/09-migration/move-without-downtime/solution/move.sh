kubectl scale deployment catalog --replicas=2
# Not before they are ready: until then the host outside is all there is.
kubectl rollout status deployment/catalog
# Now the controller writes a slice of its own beside ours, and both are in use ...
kubectl set selector service catalog app=catalog
# ... so that there is somewhere to go when ours is taken away.
kubectl delete endpointslice catalog-outside
