kubectl expose rc news --name=news-2 --port=80 --type=LoadBalancer
kubectl delete service news
kubectl expose rc news --port=80 --type=LoadBalancer
