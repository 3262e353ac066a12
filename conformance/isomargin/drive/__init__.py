"""Driving a subject: every question asked comes back with exactly one outcome.

    command = resolve("acme", adapters=[Path("adapters")])
    with Subject.open(command, suite_version="1.0.0") as subject:
        for question, outcome in subject.ask_all(questions):
            ...

The subject may hang, die, lie or babble; the run goes on, the blame falls on the
question that caused it, and no process is left behind. It needs a POSIX system.
"""

from isomargin.drive.determinism import probe_determinism
from isomargin.drive.limits import Limits
from isomargin.drive.outcomes import (
    Failure,
    Fault,
    FaultKind,
    Outcome,
    Quantities,
    Question,
    Skip,
    Step,
    Trace,
    Unsupported,
)
from isomargin.drive.parallel import ask_all, open_subjects
from isomargin.drive.protocol import PROTOCOL, Introduction
from isomargin.drive.subject import Subject
from isomargin.drive.transport import Command, resolve

__all__ = [
    "PROTOCOL",
    "Command",
    "Failure",
    "Fault",
    "FaultKind",
    "Introduction",
    "Limits",
    "Outcome",
    "Quantities",
    "Question",
    "Skip",
    "Step",
    "Subject",
    "Trace",
    "Unsupported",
    "ask_all",
    "open_subjects",
    "probe_determinism",
    "resolve",
]
