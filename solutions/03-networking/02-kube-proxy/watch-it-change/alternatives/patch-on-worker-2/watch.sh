before=$(ssh worker-2 iptables-save -t nat)
kubectl patch rc web -p '{"spec":{"replicas":3}}'
after=$(ssh worker-2 iptables-save -t nat)
diff -u <(echo "$before") <(echo "$after")
