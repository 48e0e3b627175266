kubectl delete service news
kubectl expose rc news --port=8080 --target-port=80 --type=LoadBalancer
