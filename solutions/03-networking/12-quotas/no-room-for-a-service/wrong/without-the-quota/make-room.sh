kubectl delete quota small-tenant -n test
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
