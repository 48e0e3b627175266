kubectl patch quota small-tenant -n test -p '{"spec":{"hard":{"services":"3","services.nodeports":"2"}}}'
kubectl expose rc shop --port=80 --type=LoadBalancer -n test
