"""A whole chain in one thread: real services on virtual clocks, network and disk, by seeded dice."""
