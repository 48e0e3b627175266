# An address in the status: nobody outside learns of it, and no load balancer stands there.
kubectl patch service news --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.77"}]}}}'
