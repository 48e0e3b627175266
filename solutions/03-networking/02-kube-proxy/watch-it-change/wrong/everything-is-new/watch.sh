# Held against nothing, every rule is an addition.
touch before.txt
kubectl scale rc web --replicas=3
ssh worker-1 iptables-save -t nat | diff -u before.txt -
