kubectl config set-context --current --namespace=test
kubectl run web --image=nginx:1.27 -n test
