kubectl exec client -- wget -qO- --header 'Host: billing.example.com' http://bill/
