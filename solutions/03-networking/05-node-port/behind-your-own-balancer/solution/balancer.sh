# Each node answers at the nodePort, whether a Pod runs on it or not. nginx reads its configuration when it is told to.
ssh balancer 'cat > /etc/nginx/conf.d/default.conf && nginx -s reload' <<'EOF'
upstream nodes {
  server 172.18.0.2:30001;
  server 172.18.0.3:30001;
  server 172.18.0.4:30001;
}
server {
  listen 80;
  location / {
    proxy_pass http://nodes;
  }
}
EOF
