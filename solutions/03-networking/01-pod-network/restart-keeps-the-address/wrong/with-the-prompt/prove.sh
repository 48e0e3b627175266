$ kubectl get pods -o wide
# Process number 1 is nginx: with it the container ends, and the kubelet starts another in the same sandbox.
# With the Pod its sandbox goes; the controller makes another Pod, whose sandbox gets an address of its own.
$ kubectl exec web -- sh -c 'kill 1'; kubectl delete pod -l app=shop
$ kubectl get pods -o wide
