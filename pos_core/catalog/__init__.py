"""What can be sold: items, their codes and their dated prices."""
