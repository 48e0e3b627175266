# The commands, one on each line. They are run in the shell from top to bottom.
ssh worker-1 iptables-save -t nat | grep default/web
