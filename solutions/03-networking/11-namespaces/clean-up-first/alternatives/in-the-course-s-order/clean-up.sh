# The Pods come back at once, and go for good with their owners.
kubectl delete pods --all
kubectl delete services news api
kubectl delete replicationcontrollers --all
kubectl delete replicasets --all
