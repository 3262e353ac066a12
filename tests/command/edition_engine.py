"""An engine that answers as Bybit's rules of 2024 had it, whatever it is asked by."""

from collections.abc import Mapping
from decimal import Decimal

from isomargin_adapter import Quote, Ready, serve
from isomargin_reference import QUANTITIES, quote

OF_2024 = {"maintenance_margin_price": "entry", "added_margin_fee_scaling": "no"}


def answer(question: Quote) -> Mapping[str, Decimal | None]:
    parameters = {**question.profile.parameters, **OF_2024}
    return quote(parameters, question.instrument, question.position, question.want)


serve(
    Ready(
        name="bybit-of-2024",
        version="1",
        contracts=("linear",),
        quantities=tuple(QUANTITIES),
    ),
    quote=answer,
)
