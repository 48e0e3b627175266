# The name stands in subjectAltName: browsers no longer look at the CN.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=pay.example.com -addext subjectAltName=DNS:pay.example.com
kubectl create secret tls pay-tls --cert=cert.pem --key=key.pem
