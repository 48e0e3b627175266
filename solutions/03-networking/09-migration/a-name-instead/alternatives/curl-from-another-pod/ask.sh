kubectl run curl --image=curlimages/curl:8.10.1 --command -- sleep 600
kubectl wait --for=condition=Ready pod/curl
kubectl exec curl -- curl -s -H 'Host: billing.example.com' http://bill
