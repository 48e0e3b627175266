# Who does not ask loses nothing.
kubectl delete pod asker --now
kubectl drain worker-2 --ignore-daemonsets
