ssh balancer "sed -i '/172.18.0.4/d' /etc/nginx/conf.d/default.conf"
kubectl drain worker-2 --ignore-daemonsets
