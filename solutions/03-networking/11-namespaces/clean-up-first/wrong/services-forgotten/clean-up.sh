# Nobody owns a Service: it stays when its Pods go, without any endpoint.
kubectl delete rc,rs,pods --all
