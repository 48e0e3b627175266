# That keeps new Pods away and leaves the old ones.
kubectl cordon worker-2
