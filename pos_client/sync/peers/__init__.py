"""The local network between the workstations of one store: a listener, a caller for each peer, discovery."""
