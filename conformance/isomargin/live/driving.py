"""An account driven with the smallest order, and judged by the laws on what is seen.

Nobody controls a live market, so no figure is expected. What an action did to the
account is seen in the states before and after it, and only what the market does not
move is put into them. Whatever happens, the position is closed at the end.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from isomargin.errors import SubjectUnusable, UsageError
from isomargin.formulas.numbers import decimal_text, exact
from isomargin.judge.verdict import LawFinding
from isomargin.live.account import held_by_key
from isomargin.live.bridge import Bridge
from isomargin.live.figures import LiveFigure
from isomargin.live.orders import Plan, plan_for, portion
from isomargin.live.positions import Held, Judging
from isomargin.live.trace import DrivenStep, law_findings, state_of

__all__ = ["PAUSE", "SETTLED_WITHIN", "Driven", "driven"]

PAUSE = 0.5
"""Seconds between two looks at what is expected to change."""
SETTLED_WITHIN = 10.0
"""Seconds after which what is left of an order is cancelled."""

_ATTEMPTS = 3
_OPPOSITE = {"buy": "sell", "sell": "buy"}
_LOCK = "margin_mode_change_with_position"
_EXPECTED = {"rejected": "rejected", "allowed": "accepted"}

Told = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Driven:
    """What came of driving an account.

    Attributes:
        profile: the profile it was judged by.
        symbol: the instrument.
        steps: what was done and what was seen after it.
        laws: every law looked at.
        stopped: why the rest was not done; empty where all was.
    """

    profile: str
    symbol: str
    steps: tuple[DrivenStep, ...]
    laws: tuple[LawFinding, ...]
    stopped: str = ""

    @property
    def figures(self) -> tuple[LiveFigure, ...]:
        """Every figure seen on the way."""
        return tuple(one for step in self.steps for one in step.figures)

    @property
    def failed(self) -> bool:
        """Whether a law was broken, a figure was off, or a refusal was missing."""
        return (
            any(law.held is False for law in self.laws)
            or any(one.grade == "off" for one in self.figures)
            or any(step.surprise for step in self.steps)
        )


class _Stopped(Exception):
    """The rest is not done, and why."""


def driven(
    bridge: Bridge,
    judging: Callable[[Told], Judging],
    symbol: str,
    *,
    leverage: str,
    side: str = "buy",
    position_mode: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> Driven:
    """Open, change and close the smallest position, and return what came of it.

    Args:
        bridge: the way to the exchange, with orders allowed.
        judging: makes of an account's first reading what positions are judged by.
        symbol: the instrument; neither position nor order may be open in it.
        leverage: the leverage to set.
        side: buy for a long position, sell for a short one.
        position_mode: one_way or hedge, to be set; empty to leave it as it is, which
            has to be one-way.
        say: called with each step before it is done.

    Raises:
        UsageError: a position or an order is open in the instrument.
        SubjectUnusable: the exchange gave no answer, or a position could not be closed.
        KeyboardInterrupt: somebody wanted it to end; the position is closed.
    """
    told = bridge.read([symbol])
    instrument = _instrument(told, symbol)
    _check_untouched(told, instrument)
    plan = plan_for(
        instrument, leverage=leverage, side=side, position_mode=position_mode
    )
    drive = _Drive(bridge, judging(told), plan, say)
    with _ended_by_interruption():
        try:
            drive.carry_out()
        finally:
            with _uninterrupted():
                drive.close()
    return drive.result()


def _instrument(told: Told, symbol: str) -> Told:
    return next(one for one in told["instruments"] if one["symbol"] == symbol)


def _check_untouched(told: Told, instrument: Told) -> None:
    """Refuse an instrument with a position or an order of somebody's in it.

    Both are closed and cancelled at the end, and nobody could tell whose they were.
    """
    symbol, orders = instrument["symbol"], instrument.get("open_orders")
    remedy = "name an instrument in which there is none"
    if held_by_key(told):
        raise UsageError(f"a position is open in {symbol}", "--symbol", remedy)
    if orders is None:
        what = f"the exchange does not tell whether orders are open in {symbol}"
        raise UsageError(what, "--symbol", "name another exchange")
    if orders != "0":
        raise UsageError(f"{orders} orders are open in {symbol}", "--symbol", remedy)


class _Drive:
    """One instrument, driven step by step."""

    def __init__(
        self,
        bridge: Bridge,
        judging: Judging,
        plan: Plan,
        say: Callable[[str], None],
    ) -> None:
        self.bridge, self.judging, self.plan = bridge, judging, plan
        self.symbol, self.say = plan.symbol, say
        self.steps: list[DrivenStep] = []
        self.instruments = dict(judging.instruments)
        self.stopped = ""
        self.ordered = False

    def carry_out(self) -> None:
        """Do all there is to do, as far as the exchange lets it be done."""
        self.record("read", {}, {"outcome": "accepted"})
        try:
            if mode := self.plan.position_mode:
                self.act("set_position_mode", {"position_mode": mode})
            self.act("set_margin_mode", {"margin_mode": "isolated"})
            self.act("set_leverage", {"leverage": self.plan.leverage})
            self.trade(self.plan.side, self.plan.quantity)
            self.check_isolated()
            self.add_margin()
            self.change_mode()
            self.trade(self.away, self.plan.half, reduce_only=True)
            self.close_the_rest()
        except _Stopped as stopped:
            self.stopped = str(stopped)

    def result(self) -> Driven:
        profile, rules = self.judging.profile, self.judging.rules
        return Driven(
            profile=profile.id,
            symbol=self.symbol,
            steps=tuple(self.steps),
            laws=law_findings(self.steps, self.instruments, profile, rules),
            stopped=self.stopped,
        )

    # What is done

    @property
    def position_side(self) -> str:
        """The side of the position that is opened."""
        return {"buy": "long", "sell": "short"}[self.plan.side]

    @property
    def away(self) -> str:
        """The side of an order that makes the position smaller."""
        return _OPPOSITE[self.plan.side]

    def act(self, action: str, given: Told, *, expected: str = "accepted") -> Told:
        """Do an action, note what is seen after it, and return what came of it."""
        given = {"instrument": self.symbol, **given}
        self.say(action)
        done = self.bridge.do(action, given)
        self.record(action, given, done, expected)
        if done["outcome"] == "rejected" and expected == "accepted":
            raise _Stopped(f"{action} was refused: {done.get('message', '')}")
        return done

    def trade(self, side: str, quantity: str, *, reduce_only: bool = False) -> None:
        """Send a market order, wait until it is filled, and note what was."""
        before = self.held()
        order = self.order(side, quantity, self.position_side, reduce_only=reduce_only)
        self.say("trade")
        self.ordered = True
        done = self.bridge.do("trade", order)
        if done["outcome"] == "rejected":
            self.record("trade", {**order, "price": self.plan.price}, done)
            raise _Stopped(f"trade was refused: {done.get('message', '')}")
        after = self.settled(before, quantity)
        filled = abs(_signed(after) - _signed(before))
        given = {**order, "quantity": decimal_text(filled)}
        self.record("trade", {**given, "price": self.price(before, after)}, done)
        if not filled:
            raise _Stopped("nothing of the order was filled")

    def order(
        self, side: str, quantity: str, position_side: str, *, reduce_only: bool
    ) -> Told:
        """Return an order; one that names its position can do no more than close it."""
        order = {"instrument": self.symbol, "side": side, "quantity": quantity}
        return {
            **order,
            **(self.plan.aim(position_side) or {"reduce_only": reduce_only}),
        }

    def settled(self, before: Held | None, quantity: str) -> Held | None:
        """Return the position once an order is filled, or what is left is cancelled."""
        until = time.monotonic() + SETTLED_WITHIN
        while abs(_signed(self.held()) - _signed(before)) != exact(quantity):
            if time.monotonic() > until:
                self.bridge.do("cancel_orders", {"instrument": self.symbol})
                break
            time.sleep(PAUSE)
        return self.held()

    def price(self, before: Held | None, after: Held | None) -> str:
        """Return what an order was filled at, where the position tells; or the mark."""
        if before is None and after is not None:
            return after.given.get("entry_price", self.plan.price)
        told = before.given if before else {}
        return told.get("mark_price", self.plan.price)

    def check_isolated(self) -> None:
        held = self.held()
        if held is not None and not held.is_isolated:
            raise _Stopped("the position that was opened is not isolated")

    def add_margin(self) -> None:
        held = self.held()
        margin = held.given.get("isolated_margin") if held else None
        if margin is not None:
            aim = self.plan.aim(self.position_side)
            self.act("add_margin", {"amount": portion(margin), **aim})

    def change_mode(self) -> None:
        """Try to leave isolated mode while the position is open, which is refused."""
        choice = self.judging.profile.choices[_LOCK]
        expected = "" if choice.unknown else _EXPECTED[choice.value]
        done = self.act("set_margin_mode", {"margin_mode": "cross"}, expected=expected)
        if done["outcome"] == "accepted":
            self.act("set_margin_mode", {"margin_mode": "isolated"}, expected="")

    def close_the_rest(self) -> None:
        held = self.held()
        # Of an order that was filled in part, reducing may have left nothing.
        if held is not None:
            self.trade(self.away, held.given["quantity"], reduce_only=True)

    # What is seen

    def held(self) -> Held | None:
        """Return the position that is open in the instrument now."""
        return next(iter(held_by_key(self.bridge.look([self.symbol])).values()), None)

    def record(
        self, action: str, given: Told, done: Told, expected: str = "accepted"
    ) -> None:
        told = self.bridge.read()
        found = {one["symbol"]: one for one in told["instruments"]}
        self.instruments = {**self.instruments, **found}
        mine = [one for one in held_by_key(told).values() if one.key[0] == self.symbol]
        self.steps.append(
            DrivenStep(
                action=action,
                given=given,
                outcome=done["outcome"],
                reason=done.get("reason"),
                message=done.get("message", ""),
                expected=expected,
                state=state_of(told),
                figures=tuple(one for held in mine for one in self.judged(held)),
            )
        )

    def judged(self, held: Held) -> tuple[LiveFigure, ...]:
        """Return the position's figures, looked at again where one is off."""
        found = self.judging.judged([held]) if held.is_isolated else ()
        if all(one.grade != "off" for one in found):
            return found
        time.sleep(PAUSE)
        again = self.held()
        readings = [held, again] if again and again.is_as(held) else [held]
        return self.judging.judged(readings)

    # How it ends

    def close(self) -> None:
        """Close what is open, however the rest went.

        Raises:
            SubjectUnusable: it is still open, or nobody can say.
        """
        if not self.ordered:
            return
        fault: SubjectUnusable | None = None
        for _ in range(_ATTEMPTS):
            try:
                # What is left of an order could be filled when all else is over.
                self.bridge.do("cancel_orders", {"instrument": self.symbol})
                held = self.held()
                if held is None:
                    return
                self.send_away(held)
                self.settled(held, held.given["quantity"])
            except SubjectUnusable as failed:
                fault = failed
                time.sleep(PAUSE)
        what = f"a position may still be open in {self.symbol}"
        why = f"{what}: {fault.what}" if fault else what
        raise SubjectUnusable(why, None, "close it at the exchange, now") from fault

    def send_away(self, held: Held) -> None:
        position_side, quantity = held.key[1], held.given["quantity"]
        side = "sell" if position_side == "long" else "buy"
        order = self.order(side, quantity, position_side, reduce_only=True)
        self.bridge.do("trade", order)


def _signed(held: Held | None) -> Any:
    if held is None:
        return exact("0")
    quantity = exact(held.given["quantity"])
    return quantity if held.key[1] == "long" else -quantity


@contextmanager
def _ended_by_interruption() -> Iterator[None]:
    """Let a wish to end this program be an interruption, after which it closes."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let nobody interrupt what is being closed."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
