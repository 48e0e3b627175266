# Only the front page; all else is looked for on the disk.
ssh balancer 'cat > /etc/nginx/conf.d/default.conf && nginx -s reload' <<'EOF'
upstream nodes {
  server 172.18.0.2:30001;
  server 172.18.0.3:30001;
  server 172.18.0.4:30001;
}
server {
  listen 80;
  location = / {
    proxy_pass http://nodes;
  }
}
EOF
