"""django-oscar under the simple workload: run by the interpreter of an environment that holds it.

Reads `{"promotions": [...], "baskets": [...]}` (our formats) on standard input, prints one line of JSON:
milliseconds of processor time and the total of each basket. Its database is SQLite in memory, migrations left
out; baskets are loaded before the clock starts, as a shop's cache would have them.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from time import process_time
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    _set_up()
    products = _products(asked["baskets"])
    for priority, promotion in enumerate(asked["promotions"]):
        _offer(promotion, products, len(asked["promotions"]) - priority)
    answers = [_price(basket, products) for basket in asked["baskets"]]
    print(json.dumps({"milliseconds": [a for a, _ in answers], "totals": [t for _, t in answers]}))


def _set_up() -> None:
    import django
    from django.conf import settings
    from oscar import defaults

    names = "analytics checkout address shipping catalogue communication partner basket payment offer order"
    names += " customer search voucher wishlists dashboard"
    boards = "reports users orders catalogue offers partners pages ranges reviews vouchers communications"
    configs = [f"oscar.apps.{name}.apps.{name.title()}Config" for name in names.split()]
    configs += [
        f"oscar.apps.dashboard.{name}.apps.{name.title()}DashboardConfig"
        for name in (*boards.split(), "shipping")
    ]
    configs.append("oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig")
    own = {n: getattr(defaults, n) for n in dir(defaults) if n.startswith("OSCAR_")}
    settings.configure(
        **own,
        SECRET_KEY="benchmark",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sites",
            "django.contrib.flatpages",
            "oscar.config.Shop",
            *configs,
            "django.contrib.sessions",
            "widget_tweaks",
            "haystack",
            "treebeard",
            "django_tables2",
        ],
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        MIGRATION_MODULES=_NoMigrations(),
        SITE_ID=1,
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


class _NoMigrations:
    def __contains__(self, name: str) -> bool:
        return True

    def __getitem__(self, name: str) -> None:
        return None


def _products(baskets: list[dict[str, Any]]) -> dict[str, Any]:
    """All goods of the workload: 200 SKUs and their prices, as `pricing_data.simple_basket` makes them."""
    from oscar.core.loading import get_model

    product_class = get_model("catalogue", "ProductClass").objects.create(name="goods", track_stock=False)
    partner = get_model("partner", "Partner").objects.create(name="shop")
    products: dict[str, Any] = {}
    for number in range(200):
        product = get_model("catalogue", "Product").objects.create(
            title=f"s{number}", upc=f"s{number}", product_class=product_class
        )
        get_model("partner", "StockRecord").objects.create(
            product=product,
            partner=partner,
            partner_sku=f"s{number}",
            price=Decimal(299 + 37 * number) / 100,
        )
        products[f"s{number}"] = product
    return products


def _offer(promotion: dict[str, Any], products: dict[str, Any], priority: int) -> None:
    from oscar.core.loading import get_model

    select = promotion.get("select")
    goods = get_model("offer", "Range").objects.create(
        name=promotion["id"], includes_all_products=select is None
    )
    for sku in select["any_of"][0]["skus"] if select else ():
        goods.add_product(products[sku])
    benefit, least = promotion["benefit"], promotion.get("conditions")
    kind: tuple[str, Any]
    if benefit["kind"] == "nth_percent":
        condition, kind = ("Count", benefit["units"]), ("Multibuy", None)
    elif benefit["kind"] == "basket_amount":
        condition, kind = ("Value", _money(least)), ("Absolute", Decimal(benefit["amount_minor"]) / 100)
    else:
        condition = ("Value", _money(least)) if least else ("Count", 1)
        kind = ("Percentage", Decimal(benefit["rate_ppm"]) / 10_000)
    get_model("offer", "ConditionalOffer").objects.create(
        name=promotion["id"],
        slug=promotion["id"],
        priority=priority,
        condition=get_model("offer", "Condition").objects.create(
            range=goods, type=condition[0], value=condition[1]
        ),
        benefit=get_model("offer", "Benefit").objects.create(range=goods, type=kind[0], value=kind[1]),
    )


def _money(conditions: Any) -> Decimal:
    return Decimal(conditions[0]["min_amount_minor"]) / 100


def _price(asked: dict[str, Any], products: dict[str, Any]) -> tuple[float, int]:
    from oscar.apps.offer.applicator import Applicator
    from oscar.apps.partner.strategy import Default
    from oscar.core.loading import get_model

    basket = get_model("basket", "Basket").objects.create()
    basket.strategy = Default()
    for line in asked["lines"]:
        basket.add_product(products[line["sku"]], quantity=line["quantity_milli"] // 1000)
    list(basket.all_lines())
    began = process_time()
    Applicator().apply(basket)
    total = basket.total_excl_tax
    return (process_time() - began) * 1000, int(total * 100)


if __name__ == "__main__":
    main()
