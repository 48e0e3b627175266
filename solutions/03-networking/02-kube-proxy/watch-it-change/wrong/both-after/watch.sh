kubectl scale rc web --replicas=3
ssh worker-1 iptables-save -t nat > before.txt
ssh worker-1 iptables-save -t nat | diff -u before.txt -
