# There is a place for a Service now, but none for its node port.
kubectl delete svc old -n test
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
