# -A reaches into everybody's namespaces, the cluster's own among them.
kubectl delete rc,rs,pods,services --all -A
