"""Receipt printers, the drawer and the scanner; each with its closed set of states and a simulator."""
