kubectl create service clusterip stock --tcp=80
