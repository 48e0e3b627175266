kubectl delete svc old -n test
kubectl patch svc web -n test -p '{"spec":{"type":"ClusterIP"}}'
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
