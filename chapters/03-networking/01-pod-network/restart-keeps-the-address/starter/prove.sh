# The commands of your proof, one on each line. They are run in the shell from top to bottom.
kubectl get pods -o wide
