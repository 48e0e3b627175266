kubectl delete svc/news
cat <<'EOF' | kubectl apply -f -
apiVersion: v1
kind: Service
metadata:
  name: news
spec:
  type: LoadBalancer
  selector:
    app: news
  ports:
    - port: 80
EOF
