"""Local exchanges that show recorded positions: OKX v5, Bitget v2 and Gate v4.

They can be read and not be driven. The positions are those of the venues' cases, as they were printed (`conformance/cases/venues`).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from local_exchange import Answer, Denied, Request, Shape
from local_market import KEY, PASSPHRASE, SECRET, LocalMarket

WINDOW = 30_000
OKX_POSITION: Mapping[str, str] = {
    "instId": "BTC-USDT-SWAP",
    "instType": "SWAP",
    "ccy": "USDT",
    "posSide": "net",
    "mgnMode": "isolated",
    "lever": "1",
    "pos": "16.5",
    "avgPx": "60346.5",
    "markPx": "60349.6",
    "idxPx": "60346.6",
    "last": "60347.5",
    "margin": "995.5680960124100264",
    "mmr": "3.9830736",
    "mgnRatio": "222.18893603782877",
    "upl": "0.051149999999976",
    "liqPx": "9.180497851849454",
    "notionalUsd": "996.296157252",
    "fundingFee": "-0.1491539875899736",
    "uTime": "1723363200374",
}
BITGET_POSITION: Mapping[str, str] = {
    "marginCoin": "USDT",
    "symbol": "BTCUSDT",
    "holdSide": "long",
    "openDelegateSize": "0.01",
    "marginSize": "9.6695050093373343",
    "available": "0.01",
    "locked": "0.09",
    "total": "0.01",
    "leverage": "20",
    "achievedProfits": "0",
    "openPriceAvg": "25000",
    "marginMode": "isolated",
    "posMode": "hedge_mode",
    "unrealizedPL": "1",
    "liquidationPrice": "24144.1124161806977798",
    "keepMarginRate": "0.004",
    "markPrice": "25100",
    "breakEvenPrice": "24778.97",
    "totalFee": "1.45",
    "deductedFee": "0.388",
    "marginRatio": "0.1082149545822005",
    "cTime": "1691382137448",
}

GATE_POSITION: Mapping[str, str] = {
    "value": "7.443",
    "leverage": "5",
    "mode": "single",
    "contract": "LTC_USDT",
    "entry_price": "74.35",
    "mark_price": "74.43",
    "realised_pnl": "-0.0037175",
    "size": "1",
    "cross_leverage_limit": "1",
    "maintenance_rate": "0.01",
    "unrealised_pnl": "0.008",
    "leverage_max": "50",
    "risk_limit": "500000",
    "margin": "1.49257625",
    "liq_price": "60.07",
    "update_time": "1705052585",
}


def signature(text: str) -> str:
    """Return the signature of a text with the account's secret, as both print it."""
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class RecordedShape(Shape):
    """A venue whose account holds the positions it was given.

    Attributes:
        rows: the positions, as the venue prints them.
    """

    SIGNED = ""
    FINE = ""

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.rows: list[Mapping[str, str]] = []

    def check(self, request: Request) -> None:
        """Check the headers: time, method and path with its query are signed."""
        sent = {name: request.headers[self.SIGNED + name] for name in HEADERS}
        if (sent["KEY"], sent["PASSPHRASE"]) != (KEY, PASSPHRASE):
            raise Denied(401, 50111, "Invalid key or passphrase")
        query = f"?{request.query}" if request.query else ""
        text = f"{sent['TIMESTAMP']}{request.method}{request.path}{query}"
        if not hmac.compare_digest(signature(text), sent["SIGN"]):
            raise Denied(401, 50113, "Invalid Sign")
        if abs(self.now - self.moment(sent["TIMESTAMP"])) > WINDOW:
            raise Denied(401, 50102, "Timestamp request expired")

    def moment(self, text: str) -> int:
        """Return when a request was sent, in milliseconds."""
        return int(text)

    def wrapped(self, answer: Answer) -> Answer:
        return {"code": self.FINE, "msg": "", "data": answer}

    def told(self, denied: Denied, more: str) -> Answer:
        return {"code": str(denied.code), "msg": denied.text + more, "data": []}


HEADERS = ("KEY", "PASSPHRASE", "SIGN", "TIMESTAMP")


class OkxShape(RecordedShape):
    """The REST interface of OKX v5, so far as a position is read."""

    SIGNED, FINE = "OK-ACCESS-", "0"

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.rows = [OKX_POSITION]
        self.public = {
            "/api/v5/public/instruments": self.instruments,
            "/api/v5/public/position-tiers": self.tiers,
        }
        self.private = {
            "GET /api/v5/account/positions": lambda _: self.rows,
            "GET /api/v5/account/trade-fee": self.fees,
        }

    def moment(self, text: str) -> int:
        sent = datetime.fromisoformat(text).astimezone(UTC)
        return int(sent.timestamp() * 1000)

    def instruments(self, request: Request) -> Answer:
        """Return the swap; whoever asks for another kind made a mistake."""
        if request.fields != {"instType": "SWAP"}:
            raise Denied(400, 51000, "Parameter instType error")
        swap = {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "uly": "BTC-USDT"}
        terms = {"ctType": "linear", "ctVal": "0.001", "ctMult": "1", "ctValCcy": "BTC"}
        steps = {"tickSz": "0.1", "lotSz": "0.1", "minSz": "0.1", "lever": "100"}
        more = {"instFamily": "BTC-USDT", "settleCcy": "USDT", "state": "live"}
        return [{**swap, **terms, **steps, **more, "listTime": "1573557408000"}]

    def tiers(self, request: Request) -> Answer:
        """Return the tiers of isolated positions, which contracts are counted for."""
        if request.fields.get("tdMode") != "isolated":
            raise Denied(400, 51000, "Parameter tdMode error")
        bounds = [("0", "5000", "0.004", "100"), ("5000.1", "20000", "0.005", "75")]
        names = ("minSz", "maxSz", "mmr", "maxLever")
        rows = [dict(zip(names, bound, strict=True)) for bound in bounds]
        named = {
            "instId": "",
            "instFamily": "BTC-USDT",
            "uly": "BTC-USDT",
            "imr": "0.01",
        }
        return [{**named, "tier": str(i), **row} for i, row in enumerate(rows, 1)]

    def fees(self, request: Request) -> Answer:
        """Return the fees; what is paid is printed below zero."""
        if request.fields.get("instType") != "SWAP":
            raise Denied(400, 51000, "Parameter instType error")
        row = {"instType": "SWAP", "level": "Lv1", "maker": "", "taker": ""}
        return [{**row, "makerU": "-0.0002", "takerU": "-0.0005", "ts": str(self.now)}]


class BitgetShape(RecordedShape):
    """The REST interface of Bitget v2, so far as a position is read."""

    SIGNED, FINE = "ACCESS-", "00000"

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.rows = [BITGET_POSITION]
        self.public = {
            "/api/v2/mix/market/contracts": self.contracts,
            "/api/v2/mix/market/query-position-lever": lambda _: self.levers(),
        }
        self.private = {
            "GET /api/v2/mix/position/all-position": self.positions,
            "GET /api/v2/common/trade-rate": lambda _: self.fees(),
        }

    def contracts(self, request: Request) -> Answer:
        """Return the contract; products other than its own have none here."""
        if request.fields["productType"] != "USDT-FUTURES":
            return []
        named = {"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT"}
        kind = {"symbolType": "perpetual", "supportMarginCoins": ["USDT"]}
        price = {"pricePlace": "1", "priceEndStep": "1", "minTradeUSDT": "5"}
        size = {"volumePlace": "3", "sizeMultiplier": "0.001", "minTradeNum": "0.001"}
        fees = {"makerFeeRate": "0.0002", "takerFeeRate": "0.0006"}
        lever = {"minLever": "1", "maxLever": "125", "symbolStatus": "normal"}
        return [{**named, **kind, **price, **size, **fees, **lever}]

    def levers(self) -> Answer:
        """Return the tiers, bounded by value; none has a deduction."""
        bounds = [("0", "150000", "0.004", "125"), ("150000", "900000", "0.005", "100")]
        names = ("startUnit", "endUnit", "keepMarginRate", "leverage")
        rows = [dict(zip(names, bound, strict=True)) for bound in bounds]
        named = [{"symbol": "BTCUSDT", "level": str(i)} for i in (1, 2)]
        return [{**one, **row} for one, row in zip(named, rows, strict=True)]

    def positions(self, request: Request) -> Answer:
        """Return the positions of the product asked for, in one margin coin."""
        asked = {"productType": "USDT-FUTURES", "marginCoin": "USDT"}
        if request.fields != asked:
            raise Denied(400, 40020, "Parameter productType error")
        return self.rows

    def fees(self) -> Answer:
        return {"makerFeeRate": "0.0002", "takerFeeRate": "0.0006"}


TICKER = {"contract": "LTC_USDT", "last": "74.43", "mark_price": "74.43"}


class GateShape(RecordedShape):
    """The REST interface of Gate v4, so far as a position is read."""

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.rows = [GATE_POSITION]
        self.public = {
            "/api/v4/futures/usdt/contracts": lambda _: [self.contract()],
            "/api/v4/futures/btc/contracts": lambda _: [],
            "/api/v4/futures/usdt/risk_limit_tiers": lambda _: self.tiers(),
            "/api/v4/futures/usdt/tickers": lambda _: [TICKER],
        }
        self.private = {
            "GET /api/v4/futures/usdt/positions": lambda _: self.rows,
            "GET /api/v4/futures/usdt/positions/LTC_USDT": lambda _: self.rows,
            "GET /api/v4/futures/usdt/orders": lambda _: [],
            "GET /api/v4/wallet/fee": lambda _: self.fees(),
        }

    def check(self, request: Request) -> None:
        """Check the headers: method, path, query, body's digest and time are signed."""
        sent = request.headers["Timestamp"]
        body = hashlib.sha512(request.body.encode()).hexdigest()
        signed = (request.method, request.path, request.query, body, sent)
        text = "\n".join(signed).encode()
        right = hmac.new(SECRET.encode(), text, hashlib.sha512).hexdigest()
        if request.headers["KEY"] != KEY:
            raise Denied(401, 1, "Invalid key provided")
        if not hmac.compare_digest(right, request.headers["SIGN"]):
            raise Denied(401, 2, "Invalid Sign")
        if abs(self.now - self.moment(sent) * 1000) > 2 * WINDOW:
            raise Denied(403, 3, "Timestamp expired")

    def wrapped(self, answer: Answer) -> Answer:
        return answer

    def told(self, denied: Denied, more: str) -> Answer:
        return {"label": "INVALID_SIGNATURE", "message": denied.text + more}

    def contract(self) -> Answer:
        """Return the contract, a tenth of a coin."""
        named = {"name": "LTC_USDT", "type": "direct", "status": "trading"}
        size = {"quanto_multiplier": "0.1", "order_size_min": "1"}
        price = {"order_price_round": "0.01", "order_price_deviate": "0.5"}
        lever = {"leverage_min": "1", "leverage_max": "50", "mark_price": "74.43"}
        return {**named, **size, **price, **lever, "order_size_max": "1000000"}

    def tiers(self) -> Answer:
        """Return the tiers, each by the value it ends at."""
        rows = [("500000", "0.01", "50"), ("1000000", "0.015", "40")]
        names = ("risk_limit", "maintenance_rate", "leverage_max")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def fees(self) -> Answer:
        """Return the account's fees, of futures apart from those of spot."""
        spot = {"user_id": "1", "taker_fee": "0.002", "maker_fee": "0.002"}
        return {**spot, "futures_taker_fee": "0.00075", "futures_maker_fee": "0.0002"}


RECORDED: Mapping[str, type[RecordedShape]] = {
    "bitget": BitgetShape,
    "gate": GateShape,
    "okx": OkxShape,
}
