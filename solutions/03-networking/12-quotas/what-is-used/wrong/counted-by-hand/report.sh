# What is there, but not what is allowed; and in default, where nobody counts.
kubectl get pods,services -n test
kubectl expose rc web --port=80 -n test
kubectl describe namespace/default
