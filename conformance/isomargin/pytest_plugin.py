"""The cases as tests of your own suite: `pytest --isomargin "cmd:./engine"`.

Every case is an item, `isomargin::<case id>`, which `-k`, `--deselect`, `-x` and the
reports of pytest treat like any other. The engine is asked all that is selected at
once, when the first of them is due; each item then reads its verdict. What the engine
does not support is skipped, a known failure of `isomargin.toml` is expected to fail.
Under pytest-xdist every worker asks the engine for itself, and a breakdown that no case
is guilty of is told by nobody: leave `-n` out where that has to fail the session.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Pytest reads this file in every run, so all else is read when it is asked for.
if TYPE_CHECKING:
    from isomargin.errors import IsomarginError
    from isomargin.expectations import Expectations, Known
    from isomargin.log import LogFile
    from isomargin.plan import Plan
    from isomargin.report.summary import Failure
    from isomargin.rulebook.model import Case

__all__ = [
    "CaseFailed",
    "CaseItem",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_runtest_protocol",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
]

# Options of the command as they are called here.
_OPTIONS = {"--profile": "--isomargin-profile", "--spec": "--isomargin-spec"}
_ASKING = pytest.StashKey["_Asking"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--isomargin…`."""
    group = parser.getgroup("isomargin", "conformance to the rules of isolated margin")
    group.addoption("--isomargin", metavar="SUBJECT", help="check this engine")
    group.addoption(
        "--isomargin-profile",
        action="append",
        default=[],
        metavar="ID",
        help="only cases of this profile; may be repeated",
    )
    group.addoption(
        "--isomargin-cases", metavar="GLOB", default="*", help="only ids that match"
    )
    group.addoption("--isomargin-spec", metavar="DIR", help="another rulebook")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add an item for each case, before pytest's own selection."""
    if config.option.isomargin:
        items.extend(_collected(session))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> bool | None:
    """Report a case in one stage, since there is nothing to set up or tear down.

    Pytest's own three stages cost more than all else of a case. It keeps them for an
    item that somebody marked, under `--pdb`, and for the last of a session.
    """
    plain = isinstance(item, CaseItem) and not item.own_markers
    if not plain or nextitem is None or item.config.option.usepdb:
        return None
    hook, stop = item.ihook, (pytest.exit.Exception, KeyboardInterrupt)
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    call = pytest.CallInfo.from_call(item.runtest, when="call", reraise=stop)
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session whose run does not conform, though each of its cases passed.

    The engine broke down and nobody can tell on which case, or gave other answers when
    it was asked again.
    """
    asking = session.config.stash.get(_ASKING, None)
    good = session.exitstatus == pytest.ExitCode.OK
    if good and asking and asking.doubts:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why such a run does not conform."""
    asking = terminalreporter.config.stash.get(_ASKING, None)
    if asking and asking.doubts:
        terminalreporter.write_line(f"isomargin: {asking.doubts}", red=True)


def _collected(session: pytest.Session) -> Sequence[pytest.Item]:
    from isomargin.errors import IsomarginError  # noqa: PLC0415 - see above

    try:
        asking = session.config.stash[_ASKING] = _Asking(session)
        name = "isomargin"
        group = _Cases.from_parent(session, name=name, nodeid=name, asking=asking)
        return group.collect()
    except IsomarginError as error:
        error.where = _OPTIONS.get(error.where or "", error.where)
        raise pytest.UsageError(f"isomargin: {error}") from error


class CaseFailed(Exception):
    """The engine does not keep to a case; the message is for a reader."""


class CaseItem(pytest.Item):
    """One case.

    Attributes:
        case: the case.
    """

    def __init__(self, *, case: "Case", asking: "_Asking", **given: Any) -> None:
        super().__init__(**given)
        self.case = case
        self._asking = asking

    def runtest(self) -> None:
        """Take the verdict; raise what pytest calls its outcome."""
        line = self._asking.verdicts[self.case.id]
        if line["status"] in {"skipped", "unsupported", "unjudged"}:
            pytest.skip(f"{line['status']}: {line['detail']}")
        known = self._asking.known(self.case)
        if line["status"] != "passed":
            if known:
                pytest.xfail(known.reason)
            raise CaseFailed("\n".join(_told(self._asking.failures[self.case.id])))
        if known and known.status == "fail":
            raise CaseFailed(f"{known.where}: {self.name} should fail and passed")

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Return what is shown of a failure: of a case its own words, no traceback."""
        from isomargin.errors import IsomarginError  # noqa: PLC0415 - see above

        if isinstance(excinfo.value, (CaseFailed, IsomarginError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where a report says the item is."""
        return self.config.rootpath / "isomargin", 0, f"case {self.name}"


def _told(failure: "Failure") -> Iterator[str]:
    from isomargin.report.screen import plain  # noqa: PLC0415 - see above

    yield plain(failure.detail)
    yield f"case: {plain(failure.where)}"
    yield f"rules: {plain(', '.join(failure.rules))}"
    yield from (f"$ {plain(command)}" for command in failure.commands)


class _Cases(pytest.Collector):
    """The node all cases hang on."""

    def __init__(self, *, asking: "_Asking", **given: Any) -> None:
        super().__init__(**given)
        self._asking = asking

    def collect(self) -> Sequence[pytest.Item]:
        return [
            CaseItem.from_parent(self, name=case.id, case=case, asking=self._asking)
            for case in self._asking.plan.cases
        ]


class _Asking:
    """What one session asks of an engine, and what came of it."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    @cached_property
    def plan(self) -> "Plan":
        """All that the options name."""
        from isomargin import drive  # noqa: PLC0415 - see above
        from isomargin.cache import cached_rulebook  # noqa: PLC0415 - see above
        from isomargin.plan import Plan, check_plan, chosen  # noqa: PLC0415 - see above
        from isomargin.rulebook.places import places  # noqa: PLC0415 - see above

        options = self._session.config.option
        there = places(options.isomargin_spec)
        rulebook = cached_rulebook(there)
        plan = Plan(
            rulebook=rulebook,
            cases=list(rulebook.cases.values()),
            command=drive.resolve(options.isomargin, adapters=[there.adapters]),
            profiles=tuple(options.isomargin_profile) or ("all",),
            pattern=options.isomargin_cases,
            expectations=self._expectations(),
        )
        check_plan(plan)
        # Every case is an item: what the engine does not declare is a skip, told.
        return replace(plan, cases=chosen(plan, plan.profiles), profiles=("all",))

    def _expectations(self) -> "Expectations":
        """Return the known failures of the file beside the user's configuration."""
        from isomargin import expectations  # noqa: PLC0415 - see above

        path = self._session.config.rootpath / expectations.DEFAULT_FILE
        if not path.exists():
            return expectations.no_expectations
        return expectations.read_expectations(path)

    def known(self, case: "Case") -> "Known | None":
        """Return the known failure a case is, while it counts."""
        known = self.plan.expectations.known(case.id, case.profile)
        return known if known and known.until >= self.plan.today else None

    @cached_property
    def verdicts(self) -> Mapping[str, Mapping[str, Any]]:
        """Case to its line of the log, for every case that pytest left selected."""
        return {line["id"]: line for line in self._log().cases}

    @cached_property
    def failures(self) -> Mapping[str, "Failure"]:
        """Case to its failure as reports tell it."""
        from isomargin.report.summary import summary_of  # noqa: PLC0415 - see above

        summary = summary_of(self._log())
        return {one.id: one for one in (*summary.failures, *summary.known)}

    @property
    def doubts(self) -> str:
        """Why the run does not conform apart from its cases; empty where it does."""
        # A session that ended before a case was due has asked nothing.
        log = vars(self).get("_outcome")
        footer = getattr(log, "footer", None) or {}
        if footer.get("verdict") != "nonconformant":
            return ""
        if not footer["unstable"] and not footer["breakdowns"]:
            return ""
        from isomargin.report.screen import plain  # noqa: PLC0415 - see above
        from isomargin.report.summary import summary_of  # noqa: PLC0415 - see above

        return plain(summary_of(self._log()).sentence)

    def _log(self) -> "LogFile":
        """Return the log of the one run, or fail as it failed, for every case alike."""
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    @cached_property
    def _outcome(self) -> "LogFile | IsomarginError":
        from isomargin.errors import IsomarginError  # noqa: PLC0415 - see above
        from isomargin.run import carried_out  # noqa: PLC0415 - see above

        items = self._session.items
        cases = [item.case for item in items if isinstance(item, CaseItem)]
        try:
            return carried_out(replace(self.plan, cases=cases, pattern="*"))
        except IsomarginError as error:
            return error
