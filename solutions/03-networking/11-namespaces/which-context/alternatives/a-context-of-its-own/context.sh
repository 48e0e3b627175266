# A second context with the same cluster and user, and a move there.
kubectl config set-context testing --cluster=kubedrill --user=kubernetes-admin --namespace=test
kubectl config use-context testing
kubectl run web --image=nginx:1.27
