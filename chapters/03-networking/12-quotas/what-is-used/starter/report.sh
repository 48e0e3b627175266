# Print, make the Service, print again.
kubectl get pods -n test
