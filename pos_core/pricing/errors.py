"""What pricing refuses to read. Every problem is listed with its path; nothing is half applied."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.errors import InvalidInput
from pos_core.pricing.validate import Problem


class InvalidPricingInput(InvalidInput):
    """`problems` holds every problem found, at most `validate.PROBLEMS_MAX`."""

    code = "invalid_pricing_input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(
            f"{first.path}: {first.reason}" + (f" (and {len(problems) - 1} more)" if problems[1:] else ""),
            path=first.path,
            problem=first.code,
            problems=len(problems),
        )
        self.problems = tuple(problems)

    def as_dict(self) -> dict[str, object]:
        return {**super().as_dict(), "problems": [problem._asdict() for problem in self.problems]}


class InvalidPromotions(InvalidPricingInput):
    """Promotions that do not fit the schema, or contradict themselves or each other."""

    code = "invalid_promotions"


class InvalidBasket(InvalidPricingInput):
    """A basket that does not fit the schema or contradicts itself."""

    code = "invalid_basket"


class InvalidResult(InvalidPricingInput):
    """A priced basket that does not fit the schema."""

    code = "invalid_priced_basket"


class InvalidRefund(InvalidPricingInput):
    """A refund or a request for one that does not fit the schema."""

    code = "invalid_refund"
