"""A whole chain, one thing at a time: real services on virtual clocks, network and disk, by seeded dice."""
