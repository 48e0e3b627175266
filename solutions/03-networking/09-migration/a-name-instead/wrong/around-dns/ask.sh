kubectl run curl --image=curlimages/curl:8.10.1 --command -- sleep 600
kubectl exec curl -- curl -s --resolve bill:80:198.51.100.30 -H 'Host: billing.example.com' http://bill/
