# The Service kubernetes goes too; the API server makes it again within ten seconds.
kubectl delete all --all
