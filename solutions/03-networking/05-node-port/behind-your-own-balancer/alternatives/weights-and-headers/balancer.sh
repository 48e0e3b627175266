ssh balancer 'cat > /etc/nginx/nginx.conf' <<'EOF'
events {}
http {
  upstream nodes {
    server 172.18.0.2:30001 weight=1 max_fails=2 fail_timeout=5s;
    server 172.18.0.3:30001 weight=2;
    server 172.18.0.4:30001 weight=2;
  }
  server {
    listen 80 default_server;
    location / {
      proxy_pass http://nodes;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_connect_timeout 1s;
    }
  }
}
EOF
ssh balancer nginx -s reload
