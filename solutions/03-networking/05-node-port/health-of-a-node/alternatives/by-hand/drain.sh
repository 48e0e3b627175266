ssh balancer 'cat > /etc/nginx/conf.d/default.conf' <<'EOF'
server { listen 80; location / { proxy_pass http://172.18.0.3:30001; } }
EOF
ssh balancer nginx -s reload
kubectl cordon worker-2
kubectl delete $(kubectl get pods -l app=shop -o name --field-selector spec.nodeName=worker-2)
