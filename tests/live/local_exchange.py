"""Local exchanges over HTTP, in the shapes of Binance's futures and of Bybit v5.

Each checks the signature of every private request by itself, from the venue's own
description of its scheme.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from local_market import INSTRUMENT, KEY, SECRET, LocalMarket, Refusal

RECEIVE_WINDOW = 5000
SUCCESS = {"code": 200, "msg": "success"}


class Denied(Exception):
    """A request that is not carried out: an HTTP status, a code and a text."""

    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


class Request:
    """One request: method, path, query and body as they came."""

    def __init__(
        self, method: str, target: str, headers: Mapping[str, str], body: str
    ) -> None:
        parts = urlsplit(target)
        self.method, self.path, self.query = method, parts.path, parts.query
        self.headers, self.body = headers, body

    @property
    def fields(self) -> dict[str, str]:
        """The arguments, wherever they stand."""
        if self.body.startswith("{"):
            return {name: str(one) for name, one in json.loads(self.body).items()}
        return dict(parse_qsl(self.query)) | dict(parse_qsl(self.body))


def signed(text: str) -> str:
    """Return the signature of a text with the account's secret."""
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


Answer = Any
Route = Callable[[Request], Answer]


class Shape:
    """A venue's ways: routes, signatures, and how it refuses."""

    public: Mapping[str, Route]
    private: Mapping[str, Route]

    def __init__(self, market: LocalMarket) -> None:
        self.market = market

    @property
    def now(self) -> int:
        """The exchange's own clock, in milliseconds."""
        return int(time.time() * 1000) + self.market.trouble.clock_ahead

    def open_orders(self) -> Answer:
        """Return the open orders, so far as anybody looks at them."""
        row = {"symbol": "BTCUSDT", "orderId": "7", "side": "BUY", "status": "NEW"}
        return [row] * self.market.trouble.open_orders

    def answer(self, request: Request) -> tuple[int, dict[str, str], Answer]:
        """Return status, headers and answer of a request."""
        trouble = self.market.trouble
        try:
            if trouble.maintenance:
                raise self.maintained()
            route = self.public.get(request.path)
            if route is None:
                self.check(request)
                if trouble.too_many:
                    trouble.too_many -= 1
                    raise self.too_many()
                route = self.private[f"{request.method} {request.path}"]
            return 200, {}, self.wrapped(route(request))
        except Refusal as refusal:
            denied = self.refused(refusal.reason)
        except Denied as fault:
            denied = fault
        except KeyError:
            denied = Denied(404, -1, f"no {request.method} {request.path}")
        headers = {"Retry-After": "0"} if denied.status == 429 else {}
        return denied.status, headers, self.told(denied, self.echo(request))

    def echo(self, request: Request) -> str:
        """Return what a careless exchange would repeat of a request."""
        if not self.market.trouble.echoes:
            return ""
        return f" in {request.path}?{request.query or request.body} by {KEY}"

    def check(self, request: Request) -> None: ...
    def wrapped(self, answer: Answer) -> Answer: ...
    def told(self, denied: Denied, more: str) -> Answer: ...
    def refused(self, reason: str) -> Denied: ...
    def maintained(self) -> Denied: ...
    def too_many(self) -> Denied: ...


class BinanceShape(Shape):
    """The REST interface of futures, USD-margined (fapi) and coin-margined (dapi).

    The shapes are those of developers.binance.com/docs/derivatives, the pages
    usds-margined-futures and coin-margined-futures.
    """

    CODES: Mapping[str, tuple[int, str]] = {
        "MARGIN_MODE_LOCKED": (
            -4048,
            "Margin type cannot be changed if there exists position.",
        ),
        "LEVERAGE_LOCKED": (
            -4161,
            "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
        ),
        "INSUFFICIENT_BALANCE": (-2019, "Margin is insufficient."),
        "POSITION_NOT_FOUND": (-2022, "ReduceOnly Order is rejected."),
        "INVALID_POSITION_SIDE": (
            -4061,
            "Order's position side does not match user's setting.",
        ),
        "POSITION_MODE_LOCKED": (
            -4068,
            "Position side cannot be changed if there exists position.",
        ),
    }

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.public = {
            "/fapi/v1/time": lambda _: {"serverTime": self.now},
            "/fapi/v1/exchangeInfo": lambda _: {"symbols": [self.listing()]},
            "/fapi/v1/ticker/24hr": lambda _: self.ticker(),
            "/dapi/v1/time": lambda _: {"serverTime": self.now},
            "/dapi/v1/exchangeInfo": lambda _: {"symbols": [self.coin_listing()]},
            "/dapi/v1/ticker/24hr": lambda _: [self.ticker()],
        }
        self.private = {
            "GET /fapi/v1/leverageBracket": lambda _: [self.brackets("notional")],
            "GET /fapi/v3/positionRisk": lambda _: self.positions(self.position),
            "GET /fapi/v1/symbolConfig": lambda _: [self.settings()],
            "GET /fapi/v3/account": lambda _: self.account(),
            "GET /dapi/v2/leverageBracket": lambda _: [self.brackets("qty")],
            "GET /dapi/v1/positionRisk": lambda _: self.positions(self.coin_position),
            "GET /dapi/v1/account": lambda _: self.account(),
            **self.both("GET", "commissionRate", lambda _: self.fees()),
            **self.both("GET", "openOrders", lambda _: self.open_orders()),
            **self.both("POST", "positionSide/dual", self.set_position_mode),
            **self.both("POST", "marginType", self.set_mode),
            **self.both("POST", "leverage", self.set_leverage),
            **self.both("POST", "order", self.order),
            **self.both("POST", "positionMargin", self.add_margin),
            **self.both("DELETE", "allOpenOrders", lambda _: SUCCESS),
        }

    def both(self, method: str, path: str, route: Route) -> dict[str, Route]:
        """Return a route that both interfaces have."""
        return {f"{method} /{one}/v1/{path}": route for one in ("fapi", "dapi")}

    def check(self, request: Request) -> None:
        """Check key, signature and time: the signature is the last argument."""
        text, _, signature = (request.body or request.query).rpartition("&signature=")
        if request.headers.get("X-MBX-APIKEY") != KEY:
            raise Denied(401, -2015, "Invalid API-key, IP, or permissions for action.")
        if not hmac.compare_digest(signed(text), signature):
            raise Denied(400, -1022, "Signature for this request is not valid.")
        sent = int(request.fields["timestamp"])
        if not -1000 <= self.now - sent <= RECEIVE_WINDOW:
            text = "Timestamp for this request is outside of the recvWindow."
            raise Denied(400, -1021, text)

    def wrapped(self, answer: Answer) -> Answer:
        return answer

    def told(self, denied: Denied, more: str) -> Answer:
        return {"code": denied.code, "msg": denied.text + more}

    def refused(self, reason: str) -> Denied:
        return Denied(400, *self.CODES.get(reason, (-4003, f"refused: {reason}")))

    def maintained(self) -> Denied:
        return Denied(503, -1016, "System is under maintenance.")

    def too_many(self) -> Denied:
        return Denied(429, -1003, "Too many requests.")

    def listing(self) -> Answer:
        """Return the instrument as exchangeInfo lists it."""
        filters = [
            {"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "1"},
            {"filterType": "LOT_SIZE", "stepSize": "0.001", "minQty": "0.001"},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "minQty": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
        ]
        names = {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL"}
        assets = {"baseAsset": "BTC", "quoteAsset": "USDT", "marginAsset": "USDT"}
        digits = {"pricePrecision": 1, "quantityPrecision": 3}
        dates = {"deliveryDate": 4133404800000, "onboardDate": 1569398400000}
        more = {"orderTypes": ["LIMIT", "MARKET"], "timeInForce": ["GTC", "IOC"]}
        state = {"status": "TRADING", "filters": filters}
        return {**names, **assets, **digits, **dates, **more, **state}

    def coin_listing(self) -> Answer:
        """Return a coin-margined instrument as exchangeInfo lists it."""
        filters = [
            {"filterType": "PRICE_FILTER", "tickSize": "0.1", "minPrice": "1000"},
            {"filterType": "LOT_SIZE", "stepSize": "1", "minQty": "1"},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": "1", "minQty": "1"},
        ]
        names = {"symbol": self.market.symbol, "pair": "BTCUSD"}
        assets = {"baseAsset": "BTC", "quoteAsset": "USD", "marginAsset": "BTC"}
        digits = {"pricePrecision": 1, "quantityPrecision": 0}
        size = {"contractSize": int(self.market.instrument["contract_size"])}
        state = {"contractType": "PERPETUAL", "contractStatus": "TRADING"}
        dates = {"deliveryDate": 4133404800000, "onboardDate": 1597042800000}
        more = {"orderTypes": ["LIMIT", "MARKET"], "timeInForce": ["GTC", "IOC"]}
        told = {**names, **assets, **digits, **size, **state, **dates, **more}
        return {**told, "filters": filters}

    def ticker(self) -> Answer:
        price = format(self.market.mark_price, "f")
        return {"symbol": self.market.symbol, "lastPrice": price}

    def brackets(self, bounded_by: str) -> Answer:
        """Return the tiers, their figures as numbers and not as texts."""
        tiers = self.market.instrument["tiers"]
        ends = [*(one["notional_floor"] for one in tiers[1:]), "100000000"]
        rows = [
            {
                "bracket": number,
                "initialLeverage": int(tier["max_leverage"]),
                f"{bounded_by}Floor": int(tier["notional_floor"]),
                f"{bounded_by}Cap": int(end),
                "maintMarginRatio": _Bare(tier["maintenance_margin_rate"]),
                "cum": _Bare(tier["maintenance_amount"]),
            }
            for number, (tier, end) in enumerate(zip(tiers, ends, strict=True), 1)
        ]
        return {"symbol": self.market.symbol, "brackets": rows}

    def positions(self, row_of: Callable[[Mapping[str, Any]], Answer]) -> Answer:
        """Return the open positions, and let happen what happens after."""
        rows = [row_of(position) for position in self.market.positions]
        self.market.positions_were_read()
        return rows

    def position_side(self, position: Mapping[str, Any]) -> str:
        """Return which of the positions of an instrument it is."""
        side: str = position["side"]
        return side.upper() if self.market.is_hedged else "BOTH"

    def coin_position(self, position: Mapping[str, Any]) -> Answer:
        """Return a coin-margined position, whose row has other fields."""
        told, sign = self.market.told, 1 if position["side"] == "long" else -1
        price, value = position["liquidation_price"], sign * position["notional_value"]
        return {
            "symbol": self.market.symbol,
            "positionAmt": format(sign * position["quantity"], "f"),
            "entryPrice": told("entry_price", position["entry_price"]),
            "markPrice": told("mark_price", position["mark_price"]),
            "unRealizedProfit": told("unrealised_pnl", position["unrealised_pnl"]),
            "liquidationPrice": told("liquidation_price", price) or "0",
            "leverage": self.market.leverage,
            "maxQty": "1500",
            "marginType": self.market.margin_mode,
            "isolatedMargin": told("position_equity", position["position_equity"]),
            "isAutoAddMargin": "false",
            "positionSide": self.position_side(position),
            "notionalValue": told("notional_value", value),
            "isolatedWallet": told("isolated_margin", position["isolated_margin"]),
            "updateTime": self.now,
        }

    def position(self, position: Mapping[str, Any]) -> Answer:
        told, sign = self.market.told, 1 if position["side"] == "long" else -1
        isolated = self.market.margin_mode == "isolated"
        notional, price = position["notional_value"], position["liquidation_price"]
        return {
            "symbol": self.market.symbol,
            "positionSide": self.position_side(position),
            "positionAmt": format(sign * position["quantity"], "f"),
            "entryPrice": told("entry_price", position["entry_price"]),
            "breakEvenPrice": told("entry_price", position["entry_price"]),
            "markPrice": told("mark_price", position["mark_price"]),
            "unRealizedProfit": told("unrealised_pnl", position["unrealised_pnl"]),
            "liquidationPrice": told("liquidation_price", price) or "0",
            "isolatedMargin": told("position_equity", position["position_equity"])
            if isolated
            else "0",
            "notional": told("notional_value", sign * notional),
            "marginAsset": "USDT",
            "isolatedWallet": told("isolated_margin", position["isolated_margin"])
            if isolated
            else "0",
            "initialMargin": told("initial_margin", notional / position["leverage"]),
            "maintMargin": told("maintenance_margin", position["maintenance_margin"]),
            "positionInitialMargin": told(
                "initial_margin", notional / position["leverage"]
            ),
            "openOrderInitialMargin": "0",
            "updateTime": self.now,
        }

    def settings(self) -> Answer:
        mode = "ISOLATED" if self.market.margin_mode == "isolated" else "CROSSED"
        told = {
            "symbol": self.market.symbol,
            "marginType": mode,
            "isAutoAddMargin": "false",
        }
        return {**told, "leverage": int(self.market.leverage)}

    def fees(self) -> Answer:
        fees = INSTRUMENT["fees"]
        told = {
            "makerCommissionRate": fees["maker"],
            "takerCommissionRate": fees["taker"],
        }
        return {"symbol": self.market.symbol, **told}

    def account(self) -> Answer:
        balance, told = self.market.balance, self.market.told
        asset = {
            "asset": self.market.instrument["settle"],
            "walletBalance": told("wallet_balance", balance["wallet_balance"]),
            "crossWalletBalance": told("free_balance", balance["free_balance"]),
            "availableBalance": told("available", balance["available_balance"]),
        }
        return {"assets": [asset], "positions": []}

    def set_mode(self, request: Request) -> Answer:
        mode = "isolated" if request.fields["marginType"] == "ISOLATED" else "cross"
        if not self.market.set_margin_mode(mode):
            raise Denied(400, -4046, "No need to change margin type.")
        return SUCCESS

    def set_position_mode(self, request: Request) -> Answer:
        is_hedged = request.fields["dualSidePosition"] == "true"
        if not self.market.set_position_mode("hedge" if is_hedged else "one_way"):
            raise Denied(400, -4059, "No need to change position side.")
        return SUCCESS

    def aim(self, request: Request) -> dict[str, str]:
        """Return which position is meant, in hedge mode."""
        side = request.fields.get("positionSide", "BOTH")
        return {} if side == "BOTH" else {"position_side": side.lower()}

    def set_leverage(self, request: Request) -> Answer:
        self.market.act("set_leverage", leverage=request.fields["leverage"])
        told = {"leverage": int(request.fields["leverage"])}
        return {**told, "symbol": self.market.symbol, "maxNotionalValue": "1000000"}

    def order(self, request: Request) -> Answer:
        asked = request.fields
        if "reduceOnly" in asked and self.market.is_hedged:
            text = "Parameter 'reduceonly' sent when not required."
            raise Denied(400, -1106, text)
        filled = self.market.order(
            asked["side"].lower(),
            asked["quantity"],
            reduce_only=asked.get("reduceOnly") == "true",
            **self.aim(request),
        )
        done = Decimal(asked["quantity"]) == filled
        return {
            "orderId": 1,
            "symbol": self.market.symbol,
            "status": "FILLED" if done else "PARTIALLY_FILLED",
            "side": asked["side"],
            "type": "MARKET",
            "origQty": asked["quantity"],
            "executedQty": format(filled, "f"),
            "avgPrice": format(self.market.mark_price, "f"),
            "updateTime": self.now,
        }

    def add_margin(self, request: Request) -> Answer:
        self.market.add_margin(request.fields["amount"], **self.aim(request))
        return {"code": 200, "msg": "Successfully modify position margin."}


class BybitShape(Shape):
    """The REST interface v5 of a unified account, linear and inverse contracts.

    The shapes are those of bybit-exchange.github.io/docs/v5.
    """

    CODES: Mapping[str, tuple[int, str]] = {
        "MARGIN_MODE_LOCKED": (110024, "You have an existing position."),
        "INSUFFICIENT_BALANCE": (110007, "ab not enough for new order"),
        "POSITION_NOT_FOUND": (110017, "current position is zero"),
        "INVALID_POSITION_SIDE": (10001, "position idx not match position mode"),
        "POSITION_MODE_LOCKED": (
            110024,
            "You have an existing position, so position mode cannot be switched",
        ),
    }

    def __init__(self, market: LocalMarket) -> None:
        super().__init__(market)
        self.public = {
            "/v5/market/time": lambda _: {
                "timeSecond": str(self.now // 1000),
                "timeNano": str(self.now * 1000000),
            },
            "/v5/market/instruments-info": self.listings,
            "/v5/market/risk-limit": lambda _: self.limits(),
            "/v5/market/tickers": lambda _: {"list": [self.ticker()]},
        }
        self.private = {
            "GET /v5/user/query-api": lambda _: {"apiKey": KEY, "uta": 1, "unified": 0},
            "GET /v5/account/info": lambda _: self.info(),
            "GET /v5/position/list": lambda _: self.positions(),
            "GET /v5/account/fee-rate": lambda _: {"list": [self.fees()]},
            "GET /v5/account/wallet-balance": lambda _: self.wallet(),
            "GET /v5/order/realtime": lambda _: {"list": self.open_orders()},
            "POST /v5/account/set-margin-mode": self.set_mode,
            "POST /v5/position/switch-mode": self.set_position_mode,
            "POST /v5/position/set-leverage": self.set_leverage,
            "POST /v5/order/create": self.order,
            "POST /v5/position/add-margin": self.add_margin,
            "POST /v5/order/cancel-all": lambda _: {"list": [], "success": "1"},
        }

    @property
    def category(self) -> str:
        """The kind of contracts that are traded."""
        return str(self.market.instrument["contract"])

    @property
    def sides(self) -> Mapping[str, int]:
        """How the two positions of an instrument are numbered in hedge mode."""
        return {"long": 1, "short": 2} if self.market.is_hedged else {}

    def aim(self, request: Request) -> dict[str, str]:
        """Return which position is meant, in hedge mode."""
        side = {"1": "long", "2": "short"}.get(request.fields.get("positionIdx", "0"))
        return {"position_side": side} if side else {}

    def check(self, request: Request) -> None:
        """Check the headers: time, key, window and then query or body are signed."""
        headers = request.headers
        sent, window = headers["X-BAPI-TIMESTAMP"], headers["X-BAPI-RECV-WINDOW"]
        if headers["X-BAPI-API-KEY"] != KEY:
            raise Denied(200, 10003, "API key is invalid.")
        text = f"{sent}{KEY}{window}{request.body or request.query}"
        if not hmac.compare_digest(signed(text), headers["X-BAPI-SIGN"]):
            raise Denied(200, 10004, "error sign! please check your sign generation.")
        if not -1000 <= self.now - int(sent) <= int(window):
            raise Denied(200, 10002, "invalid request, please check your timestamp")

    def wrapped(self, answer: Answer) -> Answer:
        told = {"retCode": 0, "retMsg": "OK", "result": answer}
        return {**told, "retExtInfo": {}, "time": self.now}

    def told(self, denied: Denied, more: str) -> Answer:
        told = {"retCode": denied.code, "retMsg": denied.text + more, "result": {}}
        return {**told, "retExtInfo": {}, "time": self.now}

    def refused(self, reason: str) -> Denied:
        return Denied(200, *self.CODES.get(reason, (110001, f"refused: {reason}")))

    def maintained(self) -> Denied:
        return Denied(503, 10016, "Service unavailable, under maintenance.")

    def too_many(self) -> Denied:
        return Denied(200, 10006, "Too many visits. Exceeded the API Rate Limit.")

    def listings(self, request: Request) -> Answer:
        """Return the instrument as instruments-info lists it."""
        listing = {
            "symbol": self.market.symbol,
            "contractType": f"{self.category.capitalize()}Perpetual",
            "status": "Trading",
            "baseCoin": "BTC",
            "quoteCoin": self.market.symbol.removeprefix("BTC"),
            "settleCoin": self.market.instrument["settle"],
            "launchTime": "1585526400000",
            "deliveryTime": "0",
            "priceScale": "2",
            "leverageFilter": {
                "minLeverage": "1",
                "maxLeverage": "125.00",
                "leverageStep": "0.01",
            },
            "priceFilter": {
                "minPrice": "0.10",
                "maxPrice": "1999999.80",
                "tickSize": "0.10",
            },
            "lotSizeFilter": {
                "maxOrderQty": "1190.000",
                "minOrderQty": self.market.instrument["quantity_step"],
                "qtyStep": self.market.instrument["quantity_step"],
                "minNotionalValue": "5",
            },
            "unifiedMarginTrade": True,
            "fundingInterval": 480,
        }
        early = request.fields.get("status") == "PreLaunch"
        told = {"category": self.category, "list": [] if early else [listing]}
        return {**told, "nextPageCursor": ""}

    def ticker(self) -> Answer:
        return {
            "symbol": self.market.symbol,
            "lastPrice": format(self.market.mark_price, "f"),
        }

    def limits(self) -> Answer:
        """Return the tiers; the first has no deduction and prints none."""
        tiers = self.market.instrument["tiers"]
        ends = [*(one["notional_floor"] for one in tiers[1:]), "100000000"]
        rows = [
            {
                "id": number,
                "symbol": self.market.symbol,
                "riskLimitValue": end,
                "maintenanceMargin": tier["maintenance_margin_rate"],
                "initialMargin": "0.01",
                "maxLeverage": tier["max_leverage"],
                "mmDeduction": tier["maintenance_amount"].replace("0", "", number == 1),
            }
            for number, (tier, end) in enumerate(zip(tiers, ends, strict=True), 1)
        ]
        return {"category": self.category, "list": rows, "nextPageCursor": ""}

    def info(self) -> Answer:
        isolated = self.market.margin_mode == "isolated"
        mode = "ISOLATED_MARGIN" if isolated else "REGULAR_MARGIN"
        return {"marginMode": mode, "unifiedMarginStatus": 6, "updatedTime": "1"}

    def positions(self) -> Answer:
        """Return the open position, and let happen what happens after."""
        rows = [self.position(one) for one in self.market.positions]
        rows = rows or [self.nothing(one) for one in self.sides.values() or (0,)]
        self.market.positions_were_read()
        return {"category": self.category, "list": rows, "nextPageCursor": ""}

    def nothing(self, number: int) -> Answer:
        """Return the row that stands for no position."""
        told = {"symbol": self.market.symbol, "side": "", "size": "0"}
        return {
            **told,
            "positionIdx": number,
            "avgPrice": "0",
            "leverage": self.market.leverage,
            "liqPrice": "",
        }

    def position(self, position: Mapping[str, Any]) -> Answer:
        told = self.market.told
        tick = Decimal("0.1")
        price, bust = position["liquidation_price"], position["bankruptcy_price"]
        requirement = position["maintenance_requirement"]
        return {
            "symbol": self.market.symbol,
            "positionIdx": self.sides.get(position["side"], 0),
            "riskId": 1,
            "tradeMode": 0,
            "autoAddMargin": 0,
            "side": "Buy" if position["side"] == "long" else "Sell",
            "size": format(position["quantity"], "f"),
            "avgPrice": told("entry_price", position["entry_price"]),
            "markPrice": told("mark_price", position["mark_price"], digits=tick),
            "leverage": self.market.leverage,
            "positionValue": told("entry_value", self.value(position)),
            "positionBalance": told("isolated_margin", position.get("isolated_margin")),
            "positionIM": told("initial_margin", position["initial_margin"]),
            "positionMM": told("maintenance_requirement", requirement),
            "liqPrice": told("liquidation_price", price, digits=tick),
            "bustPrice": told("bankruptcy_price", bust, digits=tick),
            "unrealisedPnl": told("unrealised_pnl", position["unrealised_pnl"]),
            "positionStatus": "Normal",
            "createdTime": "1672121182216",
            "updatedTime": str(self.now),
        }

    def value(self, position: Mapping[str, Any]) -> Decimal:
        """Return what a position was worth when it was opened."""
        quantity: Decimal = position["quantity"]
        price: Decimal = position["entry_price"]
        return quantity / price if self.category == "inverse" else quantity * price

    def fees(self) -> Answer:
        fees = INSTRUMENT["fees"]
        told = {"makerFeeRate": fees["maker"], "takerFeeRate": fees["taker"]}
        return {"symbol": self.market.symbol, **told}

    def wallet(self) -> Answer:
        whole = self.market.told(
            "wallet_balance", self.market.balance["wallet_balance"]
        )
        asset = self.market.instrument["settle"]
        coin = {"coin": asset, "walletBalance": whole, "equity": whole, "locked": "0"}
        return {"list": [{"accountType": "UNIFIED", "coin": [coin]}]}

    def set_mode(self, request: Request) -> Answer:
        isolated = request.fields["setMarginMode"] == "ISOLATED_MARGIN"
        self.market.set_margin_mode("isolated" if isolated else "cross")
        return {"reasons": []}

    def set_position_mode(self, request: Request) -> Answer:
        is_hedged = request.fields["mode"] == "3"
        if not self.market.set_position_mode("hedge" if is_hedged else "one_way"):
            raise Denied(200, 110025, "Position mode is not modified")
        return {}

    def set_leverage(self, request: Request) -> Answer:
        if Decimal(request.fields["buyLeverage"]) == Decimal(self.market.leverage):
            raise Denied(200, 110043, "leverage not modified")
        self.market.act("set_leverage", leverage=request.fields["buyLeverage"])
        return {}

    def order(self, request: Request) -> Answer:
        asked = request.fields
        self.market.order(
            asked["side"].lower(),
            asked["qty"],
            reduce_only=asked.get("reduceOnly") == "True",
            **self.aim(request),
        )
        return {"orderId": "1", "orderLinkId": ""}

    def add_margin(self, request: Request) -> Answer:
        self.market.add_margin(request.fields["margin"], **self.aim(request))
        return {"category": self.category, "symbol": self.market.symbol}


class _Bare(float):
    """A figure printed without quotes, as the venue prints it."""

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, text)


SHAPES: Mapping[str, type[Shape]] = {"binance": BinanceShape, "bybit": BybitShape}


@contextmanager
def served(shape: Shape) -> Iterator[str]:
    """Serve an exchange on loopback while the context lasts; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size).decode()
            request = Request(self.command, self.path, self.headers, body)
            with shape.market.lock:
                shape.market.requests.append(f"{self.command} {request.path}")
                if request.path.endswith(shape.market.trouble.hangs_up_on):
                    self.close_connection = True
                    return
                status, headers, answer = shape.answer(request)
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the server's names

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
