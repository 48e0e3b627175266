# First the context, then the Pod.
kubectl run web --image=nginx:1.27 -n test
