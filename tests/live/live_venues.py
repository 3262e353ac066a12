"""A live exchange on loopback, and the command that judges what it shows."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from local_exchange import SHAPES, served
from local_market import INSTRUMENT, KEY, PASSPHRASE, SECRET, LocalMarket, Trouble
from recorded_exchange import RECORDED

from isomargin.cache import cached_rulebook
from isomargin.command import live as command_live
from isomargin.command import main
from isomargin.drive import Command
from isomargin.environments import READY, state
from isomargin.live import Bridge, Greeting, account
from isomargin.rulebook.model import Rulebook
from isomargin.rulebook.places import places

ADAPTER = Path(__file__).parents[2] / "adapters" / "ccxt"
PROFILES = {
    "binance": "binance/usdm",
    "bitget": "bitget/usdtm",
    "bybit": "bybit/linear",
    "gate": "gate/linear",
    "okx": "okx/linear",
}
PLACES = {**SHAPES, **RECORDED}
SYMBOL = "BTC/USDT:USDT"


@dataclass(frozen=True)
class Said:
    """What the command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def positions(self) -> Any:
        return self.data["positions"]

    def figure(self, quantity: str) -> Any:
        """The one figure of a quantity of the only position."""
        [position] = self.positions
        [figure] = [x for x in position["figures"] if x["quantity"] == quantity]
        return figure


@dataclass
class Venue:
    """One exchange that is running, and the command pointed at it.

    Attributes:
        fresh: whether a bridge is started for each call, as it is for a person; it is
            shared otherwise, since starting one takes longer than all else together.
    """

    name: str
    market: LocalMarket
    url: str
    call: Callable[..., Said] = field(repr=False)
    patch: pytest.MonkeyPatch = field(repr=False)
    shared: "Shared" = field(repr=False)
    fresh: bool = False

    @property
    def trouble(self) -> Trouble:
        return self.market.trouble

    def live(self, *words: str) -> Said:
        """Judge the account."""
        with self.patch.context() as patch:
            if not self.fresh:
                patch.setattr(command_live, "Bridge", self.shared.bridge)
            given = ("live", "--exchange", self.name, "--url", self.url)
            return self.call(*given, *words)

    def show(self, *rows: Any) -> None:
        """Let the exchange show these positions, as it prints them."""
        self.patch.setattr(self.shared.shape(self.name), "rows", list(rows))

    def drive(self, *words: str, symbol: str = SYMBOL) -> Said:
        """Drive the account."""
        return self.live("--symbol", symbol, "--allow-orders", *words)


class Shared:
    """The exchanges and the bridges to them, started once for all tests."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._exchanges: dict[str, tuple[Any, str]] = {}
        self._bridges: dict[tuple[str, str, bool], Bridge] = {}

    def exchange(self, name: str, market: LocalMarket) -> str:
        """Put a market behind an exchange, and return its address."""
        if name not in self._exchanges:
            shape = PLACES[name](market)
            self._exchanges[name] = shape, self._stack.enter_context(served(shape))
        shape, url = self._exchanges[name]
        shape.market = market
        return url

    def shape(self, name: str) -> Any:
        """Return the shape of an exchange that was started."""
        return self._exchanges[name][0]

    @contextmanager
    def bridge(
        self, command: Command, greeting: Greeting, **given: Any
    ) -> Iterator[Bridge]:
        """Give the bridge to an exchange, started when it is first asked for."""
        key = greeting.exchange, greeting.contract, greeting.orders
        if key not in self._bridges:
            bridge = Bridge(command, greeting, **given)
            self._bridges[key] = self._stack.enter_context(bridge)
        yield self._bridges[key]


@pytest.fixture(scope="session")
def shared() -> Iterator[Shared]:
    with ExitStack() as stack:
        yield Shared(stack)


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return cached_rulebook(places(None))


@pytest.fixture
def bridge_is_built() -> None:
    if (standing := state(ADAPTER)) != READY:
        pytest.skip(f"ccxt is {standing}: run isomargin adapter setup ccxt")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Give a function that carries a command line out in this process."""

    def called(*words: str) -> Said:
        capsys.readouterr()
        code = main(list(words))
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return called


@pytest.fixture
def opened(
    bridge_is_built: None,  # noqa: ARG001 - a fixture takes fixtures by its arguments
    rulebook: Rulebook,
    call: Callable[..., Said],
    shared: Shared,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Venue]:
    """Give a function that starts an exchange, which keeps its own rules or others."""
    monkeypatch.setattr(account, "APART", 0.05)

    def start(
        name: str,
        *,
        profile: str | None = None,
        instrument: Any = INSTRUMENT,
        **choices: Any,
    ) -> Venue:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", KEY)
        monkeypatch.setenv(f"{name.upper()}_SECRET", SECRET)
        monkeypatch.setenv(f"{name.upper()}_PASSWORD", PASSPHRASE)
        kept = rulebook.profiles[profile or PROFILES[name]].parameters
        parameters = {**kept, **choices}
        market = LocalMarket(parameters, price="60000", instrument=instrument)
        url = shared.exchange(name, market)
        return Venue(name, market, url, call, monkeypatch, shared)

    return start


@pytest.fixture(params=sorted(SHAPES))
def venue(request: pytest.FixtureRequest, opened: Callable[..., Venue]) -> Venue:
    """Give each exchange in turn, with nothing open."""
    return opened(request.param)


@pytest.fixture
def holding(venue: Venue) -> Venue:
    """Give each exchange in turn, with a long position after a fall."""
    venue.market.hold("buy", "0.1", leverage="10", price="60000")
    venue.market.move("59000.5")
    return venue
