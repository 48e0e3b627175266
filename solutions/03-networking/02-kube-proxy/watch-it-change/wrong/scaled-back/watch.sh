ssh worker-1 iptables-save -t nat > before.txt
kubectl scale rc web --replicas=3
ssh worker-1 iptables-save -t nat | diff -u before.txt -
# Tidying up takes the change away again.
kubectl scale rc web --replicas=1
