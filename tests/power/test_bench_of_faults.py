"""How a place of an engine is changed, and for whom."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from isomargin_reference.numbers import Ratio
from isomargin_reference.state import Setting

HOME = """
TABLE = {"a": {"one": lambda x: x}, "b": {"one": lambda x: -x}}

class Thing:
    size = property(lambda self: 2)

    def doubled(self, x):
        return x * 2

def used(x):
    return x + 1

kept = {"used": used}
closed = (lambda inner: lambda x: inner(x))(used)
"""


@pytest.fixture
def engine() -> Iterator[dict[str, ModuleType]]:
    """Return two modules of an engine: one that defines, and one that imports."""
    home = ModuleType("isomargin_reference.home")
    exec(HOME, vars(home))  # noqa: S102 - a module made for the test
    guest = ModuleType("isomargin_reference.guest")
    guest.used = home.used  # type: ignore[attr-defined]
    added = {module.__name__: module for module in (home, guest)}
    sys.modules.update(added)
    yield {"home": home, "guest": guest}
    for name in added:
        del sys.modules[name]


def changed(faulty: ModuleType, place: str, instead: Any, **options: Any) -> None:
    bench = faulty.bench
    bench.apply([bench.Change("a-fault", place, instead, **options)])


def ten(real: Any, x: int) -> int:
    return int(real(x)) * 10


def test_a_function_is_changed_for_whoever_imported_or_kept_it(
    faulty: ModuleType, engine: dict[str, Any]
) -> None:
    changed(faulty, "home:used", ten)
    home, guest = engine["home"], engine["guest"]
    assert [home.used(1), guest.used(1), home.kept["used"](1), home.closed(1)] == [
        20
    ] * 4


def test_a_function_is_changed_in_one_module_alone_where_that_is_asked(
    faulty: ModuleType, engine: dict[str, Any]
) -> None:
    changed(faulty, "guest:used", ten, only_here=True)
    assert (engine["home"].used(1), engine["guest"].used(1)) == (2, 20)


def test_an_entry_of_a_table_is_changed_or_all_of_them(
    faulty: ModuleType, engine: dict[str, Any]
) -> None:
    changed(faulty, "home:TABLE[a][one]", ten)
    table = engine["home"].TABLE
    assert (table["a"]["one"](1), table["b"]["one"](1)) == (10, -1)
    changed(faulty, "home:TABLE[*][one]", ten)
    assert (table["a"]["one"](1), table["b"]["one"](1)) == (100, -10)


def test_methods_and_properties_of_a_class_are_changed(
    faulty: ModuleType, engine: dict[str, Any]
) -> None:
    changed(faulty, "home:Thing.size", lambda real, thing: real(thing) + 1)
    changed(faulty, "home:Thing.doubled", lambda real, thing, x: real(thing, x) + 1)
    thing = engine["home"].Thing()
    assert (thing.size, thing.doubled(2)) == (3, 5)


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("nowhere:used", "the reference engine has no module nowhere"),
        ("home:unused", "has no unused"),
        ("home:TABLE[c][one]", "a table has no c"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_a_place_that_is_not_there_is_told(
    faulty: ModuleType, place: str, complaint: str
) -> None:
    with pytest.raises(LookupError, match=complaint):
        changed(faulty, place, ten)


def test_a_frozen_object_of_either_kind_is_altered(faulty: ModuleType) -> None:
    assert faulty.bench
    turns = sys.modules["isomargin_faulty.turns"]
    assert turns.altered(Ratio(Decimal(1)), denominator=Decimal(3)).denominator == 3
    assert turns.altered(Setting(), leverage=Decimal(3)).leverage == 3


def test_a_figure_is_cut_off_towards_zero(faulty: ModuleType) -> None:
    assert faulty.bench
    cut = sys.modules["isomargin_faulty.turns"].cut
    assert [cut(Decimal(text)) for text in ("1.239", "-1.239")] == [
        Decimal("1.23"),
        Decimal("-1.23"),
    ]
