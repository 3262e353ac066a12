"""How long a subject may take, and how often it is started again."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The patience of a run. All times are in seconds.

    Attributes:
        hello: from the start of the subject to its introduction.
        quote: for a quote, counted from when all before it are answered.
        run: for a scenario, counted likewise.
        grace: for ending by itself after `bye` or SIGTERM, before SIGKILL.
        settle: how long a question asked alone is watched for what follows it.
        restarts: how many times in a run the subject is started again.
        window: how many questions may be on their way at once, if the subject
            allows as many.
    """

    hello: float = 10.0
    quote: float = 2.0
    run: float = 10.0
    grace: float = 1.0
    settle: float = 0.02
    restarts: int = 10
    window: int = 64

    def answer(self, operation: str) -> float:
        """Return the time allowed for an operation."""
        return self.quote if operation == "quote" else self.run
