"""The judge: whether what a subject answered is what the rulebook says.

`question` says what to ask a subject for a case, `judge` what to make of the
answer. Both are pure: the same case and the same answer give the same verdict.
"""

from isomargin.judge.judging import judge
from isomargin.judge.question import Gap, question
from isomargin.judge.verdict import (
    GRADES,
    STATUSES,
    Edition,
    Finding,
    LawFinding,
    Verdict,
)

__all__ = [
    "GRADES",
    "STATUSES",
    "Edition",
    "Finding",
    "Gap",
    "LawFinding",
    "Verdict",
    "judge",
    "question",
]
