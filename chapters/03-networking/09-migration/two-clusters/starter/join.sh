# The commands, one on each line. They are run in the shell from top to bottom.
kubectl config get-contexts
kubectl --context kubernetes-admin@second get services,pods
