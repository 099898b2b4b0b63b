"""What both ends agree on: documents, reference kinds, the wire, digests."""
