"""How an engine is broken: one named change of the reference engine at a time.

A change names a place in the reference engine and what stands there instead:

    Change("tier-by-collateral", "tiers:tier_index", lambda real, …: …)

The place is a module and a path in it: `module:function`, `module:TABLE[key]`,
`module:TABLE[*].attribute`, `module:Class.method`. What stands there instead is called
like what stood there, with what stood there put first; where that is no function it is
called once and returns the new value. Changes with one name are one fault.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["Change", "apply"]

_PACKAGES = ("isomargin_reference", "isomargin_faulty")
_STEP = re.compile(r"\.?(?P<attribute>\w+)|\[(?P<item>[\w*]+)\]")


@dataclass(frozen=True)
class Change:
    """One change of the reference engine.

    Attributes:
        fault: the name of the fault it is, or is part of.
        place: where it is made.
        instead: what stands there instead.
        only_here: whether a function is changed for callers in its module alone; else
            for whoever has imported it, too.
    """

    fault: str
    place: str
    instead: Callable[..., Any]
    only_here: bool = False


@dataclass(frozen=True)
class _Slot:
    """Where a value stands: an attribute or an item of something."""

    owner: Any
    key: str
    is_item: bool

    @property
    def value(self) -> Any:
        if self.is_item:
            return self.owner[self.key]
        found = vars(self.owner)
        return found[self.key] if self.key in found else getattr(self.owner, self.key)

    def put(self, value: Any) -> None:
        if self.is_item:
            self.owner[self.key] = value
        elif isinstance(self.owner, (type, ModuleType)):
            setattr(self.owner, self.key, value)
        else:
            # Tables hold frozen objects, and this is the one place to break them.
            object.__setattr__(self.owner, self.key, value)


def apply(changes: Iterable[Change]) -> None:
    """Make changes to the reference engine of this process, for good.

    Raises:
        LookupError: the reference engine has no such place.
    """
    for change in changes:
        for slot in _slots(change.place):
            real = slot.value
            new = _instead(real, change.instead)
            if isinstance(slot.owner, ModuleType) and not change.only_here:
                _replace_everywhere(real, new)
            slot.put(new)


def _slots(place: str) -> list[_Slot]:
    name, _, path = place.partition(":")
    found: list[Any] = [_module(name)]
    *outer, last = _STEP.finditer(path)
    for step in outer:
        found = [slot.value for one in found for slot in _children(one, step)]
    slots = [slot for one in found for slot in _children(one, last)]
    if not slots:
        raise LookupError(f"the reference engine has no {place}")
    return slots


def _module(name: str) -> ModuleType:
    for package in _PACKAGES:
        if module := sys.modules.get(f"{package}.{name}"):
            return module
    raise LookupError(f"the reference engine has no module {name}")


def _children(owner: Any, step: re.Match[str]) -> Iterator[_Slot]:
    item = step["item"]
    if item is None:
        if not hasattr(owner, step["attribute"]):
            raise LookupError(f"{owner!r} has no {step['attribute']}")
        yield _Slot(owner, step["attribute"], is_item=False)
        return
    for key in owner if item == "*" else (item,):
        if key not in owner:
            raise LookupError(f"a table has no {key}")
        yield _Slot(owner, key, is_item=True)


def _instead(real: Any, instead: Callable[..., Any]) -> Any:
    if isinstance(real, property):
        return property(_called(real.fget, instead))
    if callable(real):
        return _called(real, instead)
    return instead(real)


def _called(real: Any, instead: Callable[..., Any]) -> Callable[..., Any]:
    def changed(*given: Any, **named: Any) -> Any:
        return instead(real, *given, **named)

    return changed


def _replace_everywhere(real: Any, new: Any) -> None:
    """Put the new function wherever the real one was imported or kept."""
    seen: set[int] = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGES[0]):
            _replace_in(vars(module), real, new, seen)


def _replace_in(held: dict[str, Any], real: Any, new: Any, seen: set[int]) -> None:
    if id(held) in seen:
        return
    seen.add(id(held))
    for key, value in list(held.items()):
        if value is real:
            held[key] = new
        elif isinstance(value, dict) and not str(key).startswith("__"):
            _replace_in(value, real, new, seen)
        elif isinstance(value, FunctionType) and value is not new:
            for cell in value.__closure__ or ():
                if cell.cell_contents is real:
                    cell.cell_contents = new
