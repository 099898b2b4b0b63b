"""The shop's rules: pure Python, standard library only; no clock, disk, network, Qt or SQL."""
