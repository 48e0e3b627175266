# The class may not change, so this is refused.
kubectl patch service news --type=json -p '[{"op":"remove","path":"/spec/loadBalancerClass"}]'
kubectl delete service news
kubectl expose rc news --port=80 --type=LoadBalancer
