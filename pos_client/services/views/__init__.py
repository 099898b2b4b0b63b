"""What a front end shows: frozen values that the services hand out, and nothing a front end must compute.

Amounts are minor units of `currency`, quantities thousandths of `unit`, times epoch milliseconds UTC.
The window and the headless driver see these and never a basket, a replica row or a journal document.
"""
