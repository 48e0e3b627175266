# The commands, one on each line. They are run in the shell from top to bottom.
kubectl describe quota -n test
