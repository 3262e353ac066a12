"""The state of an account: frozen, so that a refused action cannot have changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from isomargin_reference import ledger
from isomargin_reference.events import ACTS, Event
from isomargin_reference.instrument import Instrument
from isomargin_reference.ledger import Bucket, Key, Ledger, Posting
from isomargin_reference.numbers import ONE
from isomargin_reference.position import SIDES
from isomargin_reference.profile import Profile

__all__ = ["Fill", "Holding", "Prices", "Setting", "State", "Venue", "venue_of"]


@dataclass(frozen=True)
class Venue:
    """What does not change during a scenario.

    Attributes:
        profile: the choices in force.
        instruments: by symbol, in order.
        places: the place of every possible position: in the order of the instruments,
            long before short.
    """

    profile: Profile
    instruments: Mapping[str, Instrument]
    places: Mapping[Key, int]


def venue_of(profile: Profile, instruments: Sequence[Instrument]) -> Venue:
    """Return the venue at which instruments are traded under a profile."""
    keys = [(each.symbol, side) for each in instruments for side in SIDES]
    return Venue(
        profile=profile,
        instruments={each.symbol: each for each in instruments},
        places={key: place for place, key in enumerate(keys)},
    )


class Setting(NamedTuple):
    """What an account has set for an instrument; both sides of a hedge share it."""

    margin_mode: str = "cross"
    leverage: Decimal = ONE


@dataclass(frozen=True)
class Prices:
    """The published prices of an instrument, None where never published."""

    mark: Decimal | None = None
    index: Decimal | None = None
    last: Decimal | None = None


class Holding(NamedTuple):
    """What is held in a position, and what its holder has ordered for it."""

    quantity: Decimal
    entry_price: Decimal
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    auto_add_margin: bool = False


class Fill(NamedTuple):
    """A quantity traded at a price, as `maker` or `taker`."""

    quantity: Decimal
    price: Decimal
    liquidity: str


_NOTHING_SET = Setting()
_NOTHING_PUBLISHED = Prices()


class State(NamedTuple):
    """An account at one moment.

    Attributes:
        venue: profile and instruments.
        position_mode: one_way or hedge.
        settings: by symbol.
        prices: by symbol.
        holdings: open positions by symbol and side, in order of their places.
        ledger: where every unit of cash lies.
        events: what has happened in the step under way.
    """

    venue: Venue
    position_mode: str = "one_way"
    settings: Mapping[str, Setting] = MappingProxyType({})
    prices: Mapping[str, Prices] = MappingProxyType({})
    holdings: Mapping[Key, Holding] = MappingProxyType({})
    ledger: Ledger = Ledger()
    events: tuple[Event, ...] = ()

    @property
    def profile(self) -> Profile:
        """The choices in force."""
        return self.venue.profile

    def instrument(self, symbol: str) -> Instrument:
        """Return an instrument known to exist."""
        return self.venue.instruments[symbol]

    def setting(self, symbol: str) -> Setting:
        """Return an instrument's setting."""
        return self.settings.get(symbol, _NOTHING_SET)

    def published(self, symbol: str) -> Prices:
        """Return an instrument's published prices."""
        return self.prices.get(symbol, _NOTHING_PUBLISHED)

    def settle(self, key: Key) -> str:
        """Return the settle asset of a position."""
        return self.instrument(key[0]).settle

    def free_balance(self, asset: str) -> Decimal:
        """Return the cash allocated to no isolated position."""
        return self.ledger.total(ledger.free_balance(asset))

    def isolated_margin(self, key: Key) -> Decimal:
        """Return the cash allocated to a position, zero for a cross position."""
        return self.ledger.total(ledger.isolated_margin(self.settle(key), key))

    def moved(self, source: Bucket, target: Bucket, amount: Decimal) -> "State":
        """Return the state after a posting; nothing is posted for zero."""
        if not amount:
            return self
        posting = Posting(source, target, amount)
        return self._replace(ledger=ledger.posted(self.ledger, posting))

    def noted(
        self,
        event: str,
        key: Key,
        *,
        amount: Decimal | None = None,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
    ) -> "State":
        """Return the state with an event of a position noted.

        A movement of cash that moves nothing is no event; what acts by itself is one
        whatever it moves.
        """
        if amount is not None and not amount and event not in ACTS:
            return self
        return self.told(
            Event(
                event=event,
                instrument=key[0],
                side=key[1],
                asset=None if amount is None else self.settle(key),
                amount=amount,
                price=price,
                quantity=quantity,
            )
        )

    def told(self, event: Event) -> "State":
        """Return the state with an event noted."""
        return self._replace(events=(*self.events, event))

    def holding(self, key: Key, holding: Holding) -> "State":
        """Return the state with a position opened or changed."""
        holdings = {**self.holdings, key: holding}
        if key not in self.holdings:
            order = sorted(holdings, key=self.venue.places.__getitem__)
            holdings = {each: holdings[each] for each in order}
        return self._replace(holdings=holdings)

    def without(self, key: Key) -> "State":
        """Return the state with a position gone."""
        left = {each: held for each, held in self.holdings.items() if each != key}
        return self._replace(holdings=left)

    def set(self, symbol: str, setting: Setting) -> "State":
        """Return the state with an instrument's setting changed."""
        return self._replace(settings={**self.settings, symbol: setting})

    def priced(self, symbol: str, prices: Prices) -> "State":
        """Return the state with an instrument's prices published."""
        return self._replace(prices={**self.prices, symbol: prices})
