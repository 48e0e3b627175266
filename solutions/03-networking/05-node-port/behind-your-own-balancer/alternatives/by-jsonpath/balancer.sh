nodes=$(kubectl get nodes -o jsonpath='{range .items[*]}server {.status.addresses[0].address}:30001; {end}')
echo "upstream kubernetes { $nodes } server { listen 80; location / { proxy_pass http://kubernetes/; } }" > lb.conf
ssh balancer 'cat > /etc/nginx/conf.d/default.conf' < lb.conf
ssh balancer 'nginx -t && nginx -s reload'
