"""How much to keep above what is expected, so that a service level is reached.

Pieces are counted, so what is sold until the next delivery is a count too: Poisson where the variance is no
more than the mean, negative binomial where it is more. Above COUNTED_MAX the normal one says the same.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from sync_server.services.forecasting.history import Units

COUNTED_MAX = 60.0
_MOST = 400


def safety_stock(mean: Units, variance: Units, service: Units) -> Units:
    """Of each item: the least count that is enough with probability `service` (0.5 to 1), less its mean.

    `mean` and `variance` are of all that is sold until the next delivery; never below zero.
    """
    spread = np.sqrt(np.maximum(variance, mean))
    levels = {float(each): NormalDist().inv_cdf(float(each)) for each in np.unique(service)}
    factor = np.array([levels[float(each)] for each in service])
    enough = mean + factor * spread
    small = (mean > 0) & (mean <= COUNTED_MAX)
    if small.any():
        counted = _quantile(mean[small], spread[small] ** 2, service[small])
        enough[small] = np.where(counted < _MOST, counted, enough[small])
    return np.asarray(np.maximum(enough - mean, 0.0) * (mean > 0))


def _quantile(mean: Units, variance: Units, service: Units) -> Units:
    """The count at which the distribution reaches `service`; _MOST where it has not by then."""
    over = np.maximum(variance - mean, 1e-9 * mean)
    size = mean**2 / over  # of the negative binomial; without end it is Poisson
    shown = mean / (mean + size)
    chance = np.exp(-size * np.log1p(mean / size))
    reached = chance.copy()
    found = np.where(reached >= service, 0.0, float(_MOST))
    for count in range(1, _MOST):
        chance = chance * shown * (count - 1 + size) / count
        reached = reached + chance
        found = np.where((found == _MOST) & (reached >= service), float(count), found)
        if (found < _MOST).all():
            break
    return found
