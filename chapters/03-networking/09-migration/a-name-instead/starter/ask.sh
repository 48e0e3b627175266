# Asks for the invoice under the new name.
kubectl exec client -- wget -qO- http://bill/
