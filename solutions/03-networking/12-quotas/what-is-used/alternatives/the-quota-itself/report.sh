kubectl get quota small-tenant -n test
kubectl create service clusterip web --tcp=80 -n test
kubectl describe quota small-tenant -n test
