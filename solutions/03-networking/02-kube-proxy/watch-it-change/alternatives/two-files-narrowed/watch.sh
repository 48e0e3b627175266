ssh worker-1 iptables-save -t nat | grep default/web > before.txt
kubectl scale replicationcontroller/web --replicas=3 --timeout=1m
kubectl wait pod -l app=web --for=condition=Ready
sleep 2
ssh worker-1 iptables-save -t nat | grep default/web > after.txt
diff before.txt after.txt
