"""An engine's refusals in the rulebook's words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from isomargin_adapter.exchange import Rejected

__all__ = ["refused"]


@contextmanager
def refused(reasons: Mapping[type[Exception] | str, str]) -> Iterator[None]:
    """Say what an engine raises inside as the refusal that it means.

    An engine tells its refusals apart by the class of an exception, or only by the
    words in it:

        with refused({NotEnough: "INSUFFICIENT_BALANCE", "too much": "..."}):
            account.open(position)

    Args:
        reasons: class, or words in the text, to the rulebook's reason. The first that
            fits is taken; an exception that none fits is a fault and stays as it is.

    Raises:
        Rejected: the engine refused.
    """
    try:
        yield
    except Exception as refusal:
        for known, reason in reasons.items():
            if _fits(known, refusal):
                raise Rejected(reason) from refusal
        raise


def _fits(known: type[Exception] | str, refusal: Exception) -> bool:
    if isinstance(known, str):
        return known in str(refusal)
    return isinstance(refusal, known)
