"""Many simulated workstations against one real server: the real protocol, real signatures, few processes."""
