"""Taking tenders, change and the receipt on screen."""
