"""How the services of one workstation are put together, over what they stand on."""
