kubectl expose rc shop --port=80 --type=LoadBalancer -n test
kubectl delete svc old -n test
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
kubectl patch svc web -n test -p '{"spec":{"type":"ClusterIP"}}'
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
