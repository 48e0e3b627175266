# The commands that clean up, one on each line. They are run in the shell from top to bottom.
kubectl get pods
