kubectl drain worker-2 --ignore-daemonsets
sleep 5
# Too late: meanwhile the balancer sent requests to a node that drops them.
ssh balancer "sed -i '/172.18.0.4/d' /etc/nginx/conf.d/default.conf && nginx -s reload"
