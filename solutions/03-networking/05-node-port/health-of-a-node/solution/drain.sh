# Nobody is sent there any more ...
ssh balancer "sed -i '/172.18.0.4/d' /etc/nginx/conf.d/default.conf && nginx -s reload"
# ... before the node's Pod goes.
kubectl drain worker-2 --ignore-daemonsets
