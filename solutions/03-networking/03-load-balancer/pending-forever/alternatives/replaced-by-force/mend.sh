# What the cluster holds, without the one line; kubectl deletes the old Service and makes the new one.
kubectl get service news -o yaml | grep -v loadBalancerClass > news.yaml
kubectl replace --force -f news.yaml
