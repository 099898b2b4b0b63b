"""Head office: takes the chain's documents, hands out the feed, signs releases."""
