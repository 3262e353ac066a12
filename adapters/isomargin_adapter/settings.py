"""Margin mode and leverage of each instrument, for an engine that keeps neither."""

from collections.abc import Callable
from decimal import Decimal

from isomargin_adapter.exchange import Run
from isomargin_adapter.gaps import supported, whole_steps

__all__ = ["Settings"]


class Settings:
    """What is set of an instrument before it is traded.

    Many engines know isolated margin alone, and take a leverage with the trade that
    opens. Their adapters keep both settings here, and `serve` finds the two actions:

        self.settings = Settings(run, self._positions.__contains__)

    Setting either with a position open is unsupported, because the engine has no say
    in it.
    """

    def __init__(self, run: Run, is_held: Callable[[str], object]) -> None:
        """Begin with every instrument in cross mode, at leverage 1.

        Args:
            run: the scenario, which says what instruments there are.
            is_held: says whether there is a position in an instrument.
        """
        self._instruments = {one["symbol"]: one for one in run.instruments}
        self._is_held = is_held
        self._isolated: set[str] = set()
        self._leverages: dict[str, str] = {}

    def set_margin_mode(self, instrument: str, margin_mode: str) -> None:
        """Keep that an instrument is isolated.

        Raises:
            Unsupported: for cross, and while there is a position.
        """
        supported(margin_mode == "isolated" and self._is_flat(instrument), "cross")
        self._isolated.add(instrument)

    def set_leverage(self, instrument: str, leverage: str) -> None:
        """Keep the leverage that the next position is opened with.

        Raises:
            Unsupported: while there is a position, and below 1, which only an engine
                could refuse.
        """
        usable = self._is_flat(instrument) and Decimal(leverage) >= 1
        supported(usable, "leverage")
        self._leverages[instrument] = leverage

    def leverage(self, instrument: str) -> str:
        """Return the leverage to open a position with.

        Raises:
            Unsupported: the instrument is in cross mode, or there is none.
        """
        self._is_flat(instrument)
        supported(instrument in self._isolated, "cross")
        return self._leverages.get(instrument, "1")

    def order(self, instrument: str, quantity: str, price: str) -> str:
        """Return the leverage of an order that no engine refuses for its figures.

        Raises:
            Unsupported: as `leverage` and `gaps.whole_steps` do, and for a price that
                is not above zero.
        """
        leverage = self.leverage(instrument)
        whole_steps(self._instruments[instrument], quantity)
        supported(Decimal(price) > 0, "INVALID_PRICE")
        return leverage

    def _is_flat(self, instrument: str) -> bool:
        supported(instrument in self._instruments, "UNKNOWN_INSTRUMENT")
        return not self._is_held(instrument)
