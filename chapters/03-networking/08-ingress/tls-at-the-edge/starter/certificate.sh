# Make a key and a certificate here, and put them into a Secret.
kubectl get secrets
