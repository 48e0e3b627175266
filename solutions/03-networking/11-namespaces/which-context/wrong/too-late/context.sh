kubectl run web --image=nginx:1.27
kubectl config set-context --current --namespace=test
