"""The cheapest legal plan by trying them all: slow, plain, written from docs/promotions.md part 2 alone.

It shares the model, canonical units, scopes and the rounding of one division with the engine, nothing else:
conditions, selections, legality, effects and allocation are written a second time here.
"""
