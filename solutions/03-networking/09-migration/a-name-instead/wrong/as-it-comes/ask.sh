kubectl exec client -- wget -qO- http://bill/
