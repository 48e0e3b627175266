openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -subj /CN=pay.example.com -addext subjectAltName=DNS:pay.example.com
kubectl create secret generic pay-tls --from-file=tls.crt --from-file=tls.key
