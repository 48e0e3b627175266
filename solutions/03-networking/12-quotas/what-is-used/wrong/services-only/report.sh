kubectl get quota -n test -o jsonpath='{.items[0].metadata.name} services: {.items[0].status.used.services}/{.items[0].status.hard.services}{"\n"}'
kubectl expose rc web --port=80 -n test
kubectl get quota -n test -o jsonpath='{.items[0].metadata.name} services: {.items[0].status.used.services}/{.items[0].status.hard.services}{"\n"}'
