"""The basket: what is typed or scanned becomes lines; taken off by hand; put aside and taken up again."""
