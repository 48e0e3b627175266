ssh worker-1 iptables-save -t nat > before.txt
kubectl scale rc web --replicas=3
# kube-proxy has heard of the new endpoints by the time that the Pods are ready.
ssh worker-1 iptables-save -t nat | diff -u before.txt -
