# The ClusterIP means something inside the cluster only.
ssh balancer 'cat > /etc/nginx/conf.d/default.conf' <<EOF
upstream nodes {
  server $(kubectl get svc web -o jsonpath={.spec.clusterIP}):80;
}
server {
  listen 80;
  location / {
    proxy_pass http://nodes;
  }
}
EOF
ssh balancer nginx -s reload
