"""What goes back for a returned line: never more than was paid, and exactly that when all of it is back.

Rule: after returning q of a line's quantity Q, the refunds so far are half-up(net × q / Q). Each refund is
the difference to what was refunded before, so partial returns in any order end at the net to the minor unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pos_core.errors import Refusal
from pos_core.rounding import half_up


class ReturnedTooMuch(Refusal):
    """More than is left of the line; `facts["left_milli"]`."""

    code = "returned_too_much"


class NotReturnable(Refusal):
    """The line was not paid for: quantity 0, or net below zero."""

    code = "not_returnable"


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """A sold line and what came back of it so far."""

    quantity_milli: int
    net_minor: int
    returned_milli: int = 0
    refunded_minor: int = 0

    @property
    def left_milli(self) -> int:
        """What may still come back."""
        return self.quantity_milli - self.returned_milli

    def give_back(self, quantity_milli: int) -> tuple[int, ReturnableLine]:
        """The refund in minor units for `quantity_milli`, and the line afterwards.

        Raises NotReturnable, ReturnedTooMuch (also for a quantity of zero or below).
        """
        if self.quantity_milli <= 0 or self.net_minor < 0:
            raise NotReturnable("this line was not paid for")
        if not 0 < quantity_milli <= self.left_milli:
            raise ReturnedTooMuch("more than is left", left_milli=self.left_milli)
        returned = self.returned_milli + quantity_milli
        refunded = half_up(self.net_minor * returned, self.quantity_milli)
        after = replace(self, returned_milli=returned, refunded_minor=refunded)
        return refunded - self.refunded_minor, after
