kubectl delete rc,rs,pods --all
kubectl delete service news api
# It is gone already.
kubectl delete pod debug
