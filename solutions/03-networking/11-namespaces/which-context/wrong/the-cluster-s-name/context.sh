# --current stands for the name of the context in use.
kubectl config set-context --current --namespace=test
kubectl run web --image=nginx:1.27
