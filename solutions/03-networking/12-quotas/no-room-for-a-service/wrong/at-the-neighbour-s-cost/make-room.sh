# Room enough, but somebody used web.
kubectl delete svc web -n test
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
