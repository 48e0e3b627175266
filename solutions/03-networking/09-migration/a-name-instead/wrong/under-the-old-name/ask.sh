kubectl exec client -- wget -qO- http://billing.example.com/
