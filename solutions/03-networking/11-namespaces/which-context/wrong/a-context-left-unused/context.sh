# It is made, but nobody moves there.
kubectl config set-context test --cluster=kubedrill --user=kubernetes-admin --namespace=test
kubectl run web --image=nginx:1.27
