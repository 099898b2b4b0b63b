"""Words, amounts and times as an operator reads them, in two languages."""
