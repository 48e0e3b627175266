openssl genrsa -out pay.key 2048
openssl req -new -x509 -key pay.key -out pay.crt -days 365 -subj '/O=Pay/CN=pay.example.com' -addext 'subjectAltName=DNS:pay.example.com'
# What create secret tls does, by hand.
kubectl create secret generic pay-tls --type=kubernetes.io/tls --from-file=tls.crt=pay.crt --from-file=tls.key=pay.key
