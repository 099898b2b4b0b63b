"""What a basket costs and why: asking the engine, rules made ready, uses and budgets that limit them."""
