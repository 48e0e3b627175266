ssh balancer "sed -i 's/172.18.0.4:30001/172.18.0.4:30001 down/' /etc/nginx/conf.d/default.conf"
ssh balancer nginx -t
ssh balancer nginx -s reload
kubectl drain worker-2 --ignore-daemonsets --delete-emptydir-data
