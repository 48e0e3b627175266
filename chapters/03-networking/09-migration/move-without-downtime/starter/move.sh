# The commands of the move, one on each line. They are run in the shell from top to bottom.
kubectl scale deployment catalog --replicas=2
