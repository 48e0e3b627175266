kubectl get quota -n test -o yaml
kubectl create service clusterip web --tcp=80 -n test
# status.used beside status.hard.
kubectl get quota small-tenant -n test -o jsonpath='{.status.used}'
