# The Service's own port is open inside the cluster only.
ssh balancer 'cat > /etc/nginx/conf.d/default.conf' <<'EOF'
upstream nodes {
  server 172.18.0.2:80;
  server 172.18.0.3:80;
  server 172.18.0.4:80;
}
server {
  listen 80;
  location / {
    proxy_pass http://nodes;
  }
}
EOF
ssh balancer nginx -s reload
