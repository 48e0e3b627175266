# wget would send "Host: bill", and nginx has no site of that name.
kubectl exec client -- wget -qO- --header 'Host: billing.example.com' http://bill/
