# loadBalancerClass names a controller that this cluster does not have, and may not be changed once it is set:
# so the Service is made anew without it.
kubectl delete service news
kubectl expose rc news --port=80 --type=LoadBalancer
