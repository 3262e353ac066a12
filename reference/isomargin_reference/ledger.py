"""Double-entry books: every movement of cash is a posting between two buckets."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from isomargin_reference.errors import BooksOutOfBalance
from isomargin_reference.numbers import ZERO, total_of

__all__ = [
    "Bucket",
    "Key",
    "Ledger",
    "Posting",
    "audited",
    "counterparty",
    "external",
    "fees",
    "free_balance",
    "insurance_fund",
    "isolated_margin",
    "posted",
]

Key = tuple[str, str]
"""What names a position: its instrument's symbol and its side."""


class Bucket(NamedTuple):
    """A place where cash of one asset lies; `owner` is a position's key, if any."""

    name: str
    asset: str
    owner: Key | None = None


class Posting(NamedTuple):
    """Cash moved from one bucket to another; a negative amount moves back."""

    source: Bucket
    target: Bucket
    amount: Decimal


class Ledger(NamedTuple):
    """The totals of every bucket, and the postings since the books were last read."""

    totals: Mapping[Bucket, Decimal] = MappingProxyType({})
    postings: tuple[Posting, ...] = ()

    def total(self, bucket: Bucket) -> Decimal:
        """Return what lies in a bucket."""
        return self.totals.get(bucket, ZERO)


@cache
def free_balance(asset: str) -> Bucket:
    """Return the bucket of cash allocated to no isolated position."""
    return Bucket("free_balance", asset)


@cache
def isolated_margin(asset: str, owner: Key) -> Bucket:
    """Return the bucket of a position's own allocation."""
    return Bucket("isolated_margin", asset, owner)


@cache
def fees(asset: str) -> Bucket:
    """Return the bucket of fees paid."""
    return Bucket("fees", asset)


@cache
def counterparty(asset: str) -> Bucket:
    """Return the bucket of those on the other side of gains and of funding."""
    return Bucket("counterparty", asset)


@cache
def insurance_fund(asset: str) -> Bucket:
    """Return the bucket that takes what liquidations leave and gives what they lack."""
    return Bucket("insurance_fund", asset)


@cache
def external(asset: str) -> Bucket:
    """Return the bucket of the world outside, whence deposits come."""
    return Bucket("external", asset)


def posted(ledger: Ledger, posting: Posting) -> Ledger:
    """Return the books after a posting; the one way by which a total changes."""
    source, target, amount = posting
    totals = dict(ledger.totals)
    totals[source] = ledger.total(source) - amount
    totals[target] = totals.get(target, ZERO) + amount
    return Ledger(totals, (*ledger.postings, posting))


def audited(ledger: Ledger, owners: Collection[Key]) -> Ledger:
    """Return the books unchanged, having seen that they balance.

    Args:
        ledger: the books.
        owners: the positions that are open.

    Raises:
        BooksOutOfBalance: where the buckets do not sum to zero, or cash is allocated
            to a position that is not open.
    """
    balance = total_of(ledger.totals.values())
    if balance:
        raise BooksOutOfBalance(f"the buckets sum to {balance}, not to zero")
    for bucket, total in ledger.totals.items():
        if total and bucket.owner is not None and bucket.owner not in owners:
            raise BooksOutOfBalance(f"{total} is left in {bucket}, which is not open")
    return ledger
