kubectl expose rc news --name=news-2 --port=80 --type=LoadBalancer
