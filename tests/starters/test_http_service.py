"""An engine that is a service is looked at and judged over HTTP, by the same words."""

import io
import json
import threading
from collections.abc import Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from isomargin.command import main
from isomargin_adapter import Quote, Ready, Unsupported, serve

READY = Ready(
    name="service",
    version="1",
    profiles=("textbook/linear",),
    quantities=("bankruptcy_price",),
)


def bankruptcy_price(question: Quote) -> dict[str, Any]:
    position = question.position
    if position["margin_mode"] == "cross" or "isolated_margin" in position:
        raise Unsupported("more than an initial margin")
    if "added_margin" in position:
        raise Unsupported("added margin")
    sign = 1 if position["side"] == "long" else -1
    share = 1 - sign / Fraction(position["leverage"])
    price = round(Fraction(position["entry_price"]) * share, 18)
    return {"bankruptcy_price": price or None}


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answers = io.StringIO()
        serve(READY, quote=bankruptcy_price, lines=body.splitlines(), output=answers)
        told = answers.getvalue().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(list(words))
    return code, json.loads(capsys.readouterr().out)


def test_a_service_is_looked_at_over_http(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, checks = said(capsys, "smoke", "--subject", address)
    assert code == 0
    assert checks[0]["said"] == "service 1 says that it answers quote"


def test_a_service_is_judged_over_http(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("run", "--subject", address, "-k", "bankruptcy_price.plain.*")
    code, told = said(capsys, *words)
    assert code == 0
    assert told["counts"]["passed"] > 0
    assert told["counts"]["failed"] + told["counts"]["errored"] == 0


def test_a_service_that_is_not_there_is_unusable(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = f"{address.rpartition(':')[0]}:9/"
    code, checks = said(capsys, "smoke", "--subject", gone)
    assert code == 3
    assert checks[0]["said"].startswith("gave no introduction: crash: ended before it")
