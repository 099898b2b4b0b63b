"""Members as a workstation may know them."""
