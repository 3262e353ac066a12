"""What names a subject, and what is said when it does not."""

import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from hostility import LIMITS, honest, quote

import isomargin_adapter
from isomargin.drive import Fault, Limits, Quantities, Subject, resolve
from isomargin.errors import IsomarginError, SubjectUnusable, UsageError

FORMS = (
    "give cmd:PROGRAM, py:PACKAGE.MODULE:FACTORY, http://HOST:PORT/ "
    "or the name of an adapter"
)
REFUSED = {
    "cmd:": "cmd:: the command is empty; write cmd:PROGRAM ARGUMENTS",
    "cmd:engine 'x": "cmd:engine 'x: the command cannot be read: "
    "no closing quotation; quote it whole",
    "py:engine": "py:engine: it names no Python callable; "
    "write py:PACKAGE.MODULE:FACTORY",
    "py:engine:a-b": "py:engine:a-b: it names no Python callable; "
    "write py:PACKAGE.MODULE:FACTORY",
    "http:///": "http:///: it is no address; write http://HOST:PORT/",
    "http://host:port/": "http://host:port/: it is no address; write http://HOST:PORT/",
    "fractl": "fractl: there is no such subject; did you mean fractal?",
    "fractl:x": "fractl:x: there is no such subject; did you mean fractal?",
    "xyzzy": f"xyzzy: there is no such subject; {FORMS}",
    "": f"'': there is no such subject; {FORMS}",
}
UNUSABLE = {
    "cmd:no-such-engine --fast": "cmd:no-such-engine --fast: there is no program "
    "no-such-engine; install it or give its path",
    "empty": "{root}/empty: the folder has no adapter.yaml; write one or name another",
    "fractal": "fractal: its python environment is not set up; "
    "run: isomargin adapter setup fractal",
    "orderly": "orderly: its node environment is not set up; "
    "run: isomargin adapter setup orderly",
}
MANIFESTS = {
    "fractal": "name: fractal\ntitle: fractal\ncommand: ['{python}', adapter.py]\n"
    "environment: {python: requirements.txt}\n",
    "orderly": "name: orderly\ntitle: orderly\ncommand: ['{node}', adapter.mjs]\n"
    "environment: {node: package.json}\n",
    "plain": "name: plain\ntitle: Plain\ncommand: ['{python}', adapter.py, --fast]\n"
    "homepage: https://example.org/\n",
}
BAD_MANIFESTS = {
    "- a\n": "the manifest is no mapping",
    "name: a\ntitle: a\n": "the field command is missing; add it",
    "name: a\ntitle: a\ncommand: x y\n": "command is no list of words; "
    'write it like ["{python}", adapter.py]',
    "name: a\ntitle: a\ncommand: ['{ruby}']\n": "unknown placeholder {ruby}; "
    "use {python} or {node}",
    "name: [a]\ntitle: a\ncommand: [a]\n": "name is no text; write it as one",
    "name: a\ntitle: a\ncommand: [a]\nenvironment: {ruby: x}\n": "environment names "
    "something else than python, node and rust; write it like {python: requirements.txt}",
    "name: a\ntitle: a\ncommand: [a]\nspeed: fast\n": "unknown field speed; "
    "use one of command, environment, homepage, language, licence, name, notes, "
    "quantities, start_seconds, title, version",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, manifest in MANIFESTS.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter.yaml").write_text(manifest)
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize("subject", REFUSED)
def test_a_name_of_no_subject_is_refused(subject: str, root: Path) -> None:
    with pytest.raises(UsageError) as error:
        resolve(subject, adapters=[root])
    assert str(error.value) == REFUSED[subject]


@pytest.mark.parametrize("subject", UNUSABLE)
def test_a_subject_that_is_not_there_says_what_to_do(subject: str, root: Path) -> None:
    with pytest.raises(SubjectUnusable) as error:
        resolve(subject, adapters=[root])
    assert str(error.value) == UNUSABLE[subject].format(root=root)


@pytest.mark.parametrize("manifest", BAD_MANIFESTS)
def test_a_bad_manifest_is_explained(manifest: str, root: Path) -> None:
    path = root / "plain" / "adapter.yaml"
    path.write_text(manifest)
    with pytest.raises(IsomarginError) as error:
        resolve("plain", adapters=[root])
    assert str(error.value) == f"{path}: {BAD_MANIFESTS[manifest]}"


def test_a_missing_interpreter_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "orderly" / "node_modules").mkdir()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SubjectUnusable) as error:
        resolve("orderly", adapters=[root])
    assert str(error.value) == "orderly: there is no program node; install Node.js"


def test_a_command_is_split_as_a_shell_would() -> None:
    found = resolve("cmd:./engine --name 'a b'")
    assert found.argv == ("./engine", "--name", "a b")
    assert found.cwd is None


def test_an_adapter_runs_in_its_folder(root: Path) -> None:
    found = resolve("plain", adapters=[root / "empty", root])
    assert found.argv == (sys.executable, "adapter.py", "--fast")
    assert found.cwd == root / "plain"
    assert found.environment == {}


def test_what_follows_an_adapters_name_is_its_programs_argument(root: Path) -> None:
    found = resolve("plain:tier-by-collateral", adapters=[root])
    assert found.given == "plain:tier-by-collateral"
    assert found.argv == (sys.executable, "adapter.py", "--fast", "tier-by-collateral")


def test_an_environment_finds_the_interface_and_nothing_else_of_ours(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/mine")
    python = root / "fractal" / ".environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    for _ in range(2):
        found = resolve("fractal", adapters=[root])
    interface = root / "fractal" / ".environment" / "interface"
    assert found.argv == (str(python), "adapter.py")
    assert found.environment == {"PYTHONPATH": f"{interface}{os.pathsep}/mine"}
    assert [path.name for path in interface.iterdir()] == ["isomargin_adapter"]
    assert (interface / "isomargin_adapter" / "serve.py").exists()


def test_a_python_engine_may_print_as_it_likes() -> None:
    command = resolve("py:drive_engine:factory")
    here = Path(__file__).parent
    with Subject.open(command, suite_version="1.0.0", cwd=here) as subject:
        assert subject.ready.name == "toy"
        assert [o for _, o in subject.ask_all([quote(n) for n in range(3)])] == [
            honest(quote(n)) for n in range(3)
        ]


@pytest.mark.parametrize(
    ("target", "said"),
    {
        "no_such_module:factory": "ModuleNotFoundError: No module named "
        "'no_such_module'",
        "drive_engine:nothing": "AttributeError: module 'drive_engine' has no "
        "attribute 'nothing'",
        "drive_engine:useless": "TypeError: the factory must return a dict with "
        "'ready' and an operation",
    }.items(),
)
def test_a_python_engine_that_cannot_be_had_says_why(target: str, said: str) -> None:
    with pytest.raises(SubjectUnusable) as error:
        Subject.open(
            resolve(f"py:{target}"), suite_version="1.0.0", cwd=Path(__file__).parent
        )
    assert str(error.value) == (
        f"py:{target}: gave no introduction: crash: ended before it answered "
        f"(it exited with status 2); it said: {target}: {said}; "
        "check that it answers the hello message of protocol 1"
    )


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if '"GUILTY"' in body:
            self.misbehave()
            return
        Server.bodies += 1
        answer = StringIO()
        isomargin_adapter.serve(
            isomargin_adapter.Ready(name="web", version="1", window=4),
            quote=lambda q: {"initial_margin": q.position["quantity"]},
            lines=body.splitlines(),
            output=answer,
        )
        self.reply(200, answer.getvalue().rstrip("\n"))

    def misbehave(self) -> None:
        self.reply(500, "out of\nluck")

    def reply(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


class HangingServer(Server):
    released = threading.Event()

    def misbehave(self) -> None:
        self.released.wait(10)


class ClosingServer(Server):
    """Closes every connection after one answer, without saying so."""

    def do_POST(self) -> None:
        super().do_POST()
        self.close_connection = True


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), request.param) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/engine"
        finally:
            HangingServer.released.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("address", [Server, ClosingServer], indirect=True)
def test_a_server_is_asked_by_post(address: str) -> None:
    questions = [quote(n) for n in range(30)]
    before = Server.bodies
    with Subject.open(resolve(address), suite_version="1.0.0") as subject:
        assert subject.ready.name == "web"
        answered = list(subject.ask_all(questions))
        assert subject.incidents == []
    assert answered == [(question, honest(question)) for question in questions]
    assert Server.bodies - before <= 31


@pytest.mark.parametrize("address", [Server], indirect=True)
def test_a_servers_refusal_is_blamed_on_one_case(address: str) -> None:
    questions = [quote(n, symbol="GUILTY" if n == 5 else "X") for n in range(12)]
    with Subject.open(resolve(address), suite_version="1.0.0", limits=LIMITS) as web:
        outcomes = [outcome for _, outcome in web.ask_all(questions)]
    assert outcomes.pop(5) == Fault(
        "crash",
        "ended before it answered",
        "the server answered 500 Internal Server Error: out of\\x0aluck",
    )
    assert all(isinstance(outcome, Quantities) for outcome in outcomes)


@pytest.mark.parametrize("address", [HangingServer], indirect=True)
def test_a_server_that_hangs_is_not_waited_for(address: str) -> None:
    questions = [quote(n, symbol="GUILTY" if n == 1 else "X") for n in range(3)]
    with Subject.open(resolve(address), suite_version="1.0.0", limits=LIMITS) as web:
        outcomes = [outcome for _, outcome in web.ask_all(questions)]
    assert outcomes[1] == Fault("timeout", "gave no answer in time")
    assert [outcomes[0], outcomes[2]] == [honest(quote(0)), honest(quote(2))]


def test_a_server_that_is_not_there_is_unusable() -> None:
    with pytest.raises(SubjectUnusable) as error:
        Subject.open(
            resolve("http://127.0.0.1:9/"),
            suite_version="1.0.0",
            limits=Limits(hello=2),
        )
    assert str(error.value) == (
        "http://127.0.0.1:9/: gave no introduction: crash: ended before it answered "
        "(the connection failed: Connection refused); "
        "check that it answers the hello message of protocol 1"
    )
