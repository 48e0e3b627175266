# The commands, one on each line. They are run in the shell from top to bottom.
kubectl drain worker-2 --ignore-daemonsets
