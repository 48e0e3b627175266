ssh balancer "sed -i '/172.18.0.4/d' /etc/nginx/conf.d/default.conf && nginx -s reload"
kubectl drain worker-2 --ignore-daemonsets
kubectl uncordon worker-2
