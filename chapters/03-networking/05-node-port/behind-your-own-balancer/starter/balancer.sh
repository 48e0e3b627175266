# The commands that set the balancer up, one on each line. They are run in the shell from top to bottom.
ssh balancer cat /etc/nginx/conf.d/default.conf
