"""Every kind of file that head office imports, by the name that the command line uses."""

from __future__ import annotations

from sync_server.services.importing.kinds.base import ImportKind
from sync_server.services.importing.kinds.catalog import Departments, Gtins, Items, Plus, TaxClasses
from sync_server.services.importing.kinds.gift_cards import GiftCards
from sync_server.services.importing.kinds.members import Members
from sync_server.services.importing.kinds.orders import Orders
from sync_server.services.importing.kinds.past_campaigns import PastCampaigns, PastReach
from sync_server.services.importing.kinds.people import Employees
from sync_server.services.importing.kinds.places import PriceLists, Prices, Stores
from sync_server.services.importing.kinds.settings import Policies, Promotions, TenderTypes
from sync_server.services.importing.kinds.supply import Suppliers, Supplies

_ALL = (
    Policies,
    TaxClasses,
    Departments,
    Items,
    Gtins,
    Plus,
    PriceLists,
    Stores,
    Prices,
    TenderTypes,
    Employees,
    Members,
    Promotions,
    Orders,
    Suppliers,
    Supplies,
    GiftCards,
    PastCampaigns,
    PastReach,
)

IMPORT_KINDS: dict[str, ImportKind] = {kind.name: kind() for kind in _ALL}
"""In the order in which a new chain's files are best imported: what is referred to comes first."""
