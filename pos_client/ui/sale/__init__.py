"""The sale on screen: lines, total, code box, finding an item, weight and price entry."""
