ssh balancer 'cat > /etc/nginx/conf.d/default.conf' <<'EOF'
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
