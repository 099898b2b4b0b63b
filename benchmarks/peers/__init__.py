"""Other engines under our workload, each in a process of its own. Nothing of them is needed to run ours."""
