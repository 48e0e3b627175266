# There is no context of that name: a namespace is not one.
kubectl config use-context test
kubectl config set-context --current --namespace=test
kubectl run web --image=nginx:1.27
