openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 30 -subj /CN=example -addext 'subjectAltName=DNS:*.example.com'
kubectl create secret generic pay-tls --type=kubernetes.io/tls --from-file=tls.crt --from-file=tls.key
