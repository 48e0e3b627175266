# What kube-proxy reads, not what it writes.
kubectl get endpointslices -o yaml > before.txt
kubectl scale rc web --replicas=3
kubectl get endpointslices -o yaml | diff -u before.txt -
