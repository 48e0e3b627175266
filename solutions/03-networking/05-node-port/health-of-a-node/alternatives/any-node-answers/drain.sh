# Nodes without a Pod pass on, at the price of a detour.
kubectl patch service shop -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'
kubectl drain worker-2 --ignore-daemonsets
