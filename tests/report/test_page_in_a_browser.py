"""The page as a person meets it: in a browser, from a file, without a network."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isomargin.log import LogFile
from isomargin.report.html import html
from isomargin.report.library import Library

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is absent")
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium or chromedriver is absent"
)
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
    "--window-size=1200,1000",
)


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ARGUMENTS:
        options.add_argument(argument)
    service = webdriver.ChromeService(executable_path=DRIVER)
    made = webdriver.Chrome(options=options, service=service)
    yield made
    made.quit()


UNFOLD = "document.querySelectorAll('details').forEach((one) => one.open = true)"


class Page:
    """A page that is open."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        self.path = path
        self.open()

    def open(self, fragment: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(f"{self.path.as_uri()}{fragment}")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys: str) -> None:
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def shown(self, selector: str) -> list[str]:
        return [one.text for one in self.all(selector) if one.is_displayed()]

    def focused(self) -> str:
        return str(self.driver.switch_to.active_element.text)

    def emulate(self, **features: str) -> None:
        named = [
            {"name": name.replace("_", "-"), "value": value}
            for name, value in features.items()
        ]
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": "", "features": named}
        )


@pytest.fixture
def page(driver: Any, log: LogFile, library: Library, tmp_path: Path) -> Iterator[Page]:
    path = tmp_path / "report.html"
    path.write_text(html(log, library), encoding="utf-8")
    opened = Page(driver, path)
    opened.run("localStorage.clear()")
    opened.open()
    yield opened
    opened.emulate()
    assert driver.get_log("browser") == []


@pytest.fixture
def attacked(
    driver: Any, attack: LogFile, library: Library, tmp_path: Path
) -> Iterator[Page]:
    path = tmp_path / "attack.html"
    path.write_text(html(attack, library), encoding="utf-8")
    yield Page(driver, path)
    assert driver.get_log("browser") == []


def test_nothing_is_fetched(page: Page) -> None:
    assert page.run("return performance.getEntriesByType('resource').length") == 0


def test_nothing_an_engine_says_is_run(attacked: Page) -> None:
    attacked.run(UNFOLD)
    assert "owned" not in attacked.run("return document.title.replace(/<[^]*$/, '')")
    assert attacked.all("img, iframe, textarea, x, b > script") == []
    assert "<script>document.title='owned'</script>" in attacked.one("body").text


def test_search_narrows_failures_rules_and_cases_at_once(page: Page) -> None:
    page.press("/", "alice")
    assert page.shown(".failure .id") == ["glossary.alice"]
    leaves = page.all(".leaf")
    shown = [one for one in leaves if one.is_displayed()]
    assert 0 < len(shown) < len(leaves)
    assert re.fullmatch(r"\d+ / \d+", page.one("output").text)
    page.press(Keys.ESCAPE)
    assert len(page.shown(".failure .id")) == 3
    assert page.one("output").text == ""


def test_search_knows_every_language(page: Page) -> None:
    page.press("/", "hele den isolerte marginen")
    rule = "liquidation.takes_the_whole_isolated_margin"
    assert rule in page.shown(".leaf .name .id")


def test_a_filter_shows_one_verdict(page: Page) -> None:
    page.one("[data-filter=errored]").click()
    assert page.shown(".failure .id") == ["contracts.inverse.short_1"]
    page.one("[data-filter=errored]").click()
    assert len(page.shown(".failure .id")) == 3


def test_a_language_is_switched_to_and_kept(page: Page) -> None:
    assert page.one("h1").text == "Not conformant"
    page.one("[data-language=nb]").click()
    assert page.one("h1").text == "Følger ikke reglene"
    assert page.run("return document.documentElement.lang") == "nb"
    page.open()
    assert page.one("h1").text == "Følger ikke reglene"
    page.press("l")
    assert page.one("h1").text == "Not conformant"


def test_only_one_language_is_shown(page: Page) -> None:
    page.run(UNFOLD)
    for language, other in (("en", "nb"), ("nb", "en")):
        page.one(f"[data-language={language}]").click()
        script = "return [...document.querySelectorAll(arguments[0])].filter("
        script += "(one) => one.getClientRects().length).length"
        assert page.run(script, f".t[lang={language}]") > 100
        assert page.run(script, f".t[lang={other}]") == 0


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_theme_follows_the_system_until_it_is_chosen(
    page: Page, scheme: str, *, dark: bool
) -> None:
    page.emulate(prefers_color_scheme=scheme)
    assert is_dark(page) is dark
    page.press("t")
    assert is_dark(page) is False
    page.press("t")
    assert is_dark(page) is True
    page.open()
    assert is_dark(page) is True
    page.press("t")
    assert is_dark(page) is dark


def is_dark(page: Page) -> bool:
    return sum(colour(page, "body", "backgroundColor")) < 3 * 128


def colour(page: Page, selector: str, name: str) -> tuple[int, ...]:
    script = "return getComputedStyle(document.querySelector(arguments[0]))"
    text = page.run(f"{script}[arguments[1]]", selector, name)
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


TEXTS = (
    "h1",
    ".lead",
    ".eyebrow",
    ".sentence",
    ".figure.theirs mark",
    ".figure.ours mark",
    ".body .rule",
    ".tally.passed:not(.zero)",
    ".tally.failed:not(.zero)",
    ".tally.errored:not(.zero)",
    ".tally.unsupported:not(.zero)",
    ".sign.failed",
    ".sign.errored",
    ".sign.passed",
    ".first > details > summary .state",
    ".languages [aria-pressed=true]",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_enough(page: Page, scheme: str) -> None:
    page.emulate(prefers_color_scheme=scheme)
    faint = {
        selector: ratio
        for selector in TEXTS
        if (ratio := contrast(page, selector)) < 4.5
    }
    assert faint == {}


def contrast(page: Page, selector: str) -> float:
    ground = """
      let at = document.querySelector(arguments[0]);
      const paint = (one) => getComputedStyle(one).backgroundColor;
      while (/, 0\\)$|transparent/.test(paint(at))) at = at.parentElement;
      return paint(at);
    """
    behind = [int(part) for part in re.findall(r"\d+", page.run(ground, selector))[:3]]
    bright = sorted(map(luminance, (colour(page, selector, "color"), tuple(behind))))
    return (bright[1] + 0.05) / (bright[0] + 0.05)


def luminance(rgb: tuple[int, ...]) -> float:
    parts = [part / 255 for part in rgb]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    weights = (0.2126, 0.7152, 0.0722)
    return sum(weight * part for weight, part in zip(weights, linear, strict=True))


def test_failures_are_walked_by_keyboard(page: Page) -> None:
    page.press("j")
    assert "contracts.inverse.long_tiers_490" in page.focused()
    page.press("j")
    assert "contracts.inverse.short_1" in page.focused()
    page.press("k")
    assert "contracts.inverse.long_tiers_490" in page.focused()
    page.press("j", "j", Keys.ENTER)
    assert page.run("return document.activeElement.parentElement.open") is True


def test_the_rules_are_walked_by_keyboard(page: Page) -> None:
    page.run("document.querySelector('.tree summary').focus()")
    first = page.focused()
    was_open = page.run("return document.activeElement.parentElement.open")
    page.press(Keys.ARROW_LEFT if was_open else Keys.ARROW_RIGHT)
    assert page.run("return document.activeElement.parentElement.open") is not was_open
    page.run("document.activeElement.parentElement.open = true")
    page.press(Keys.ARROW_RIGHT)
    assert page.run("return document.activeElement.closest('.leaf') !== null")
    page.press(Keys.ARROW_LEFT)
    assert page.focused() == first


def test_every_control_is_reached_by_keyboard_and_seen(page: Page) -> None:
    page.press(Keys.TAB)
    assert page.focused() == "Skip to the result"
    seen = set()
    for _ in range(12):
        page.press(Keys.TAB)
        script = "const style = getComputedStyle(document.activeElement);"
        outline = page.run(f"{script} return style.outlineStyle")
        assert outline != "none"
        seen.add(
            page.run(
                "return document.activeElement.id || "
                "document.activeElement.className || "
                "document.activeElement.tagName"
            )
        )
    assert {"search", "theme"} <= seen


def test_typing_in_the_search_is_no_command(page: Page) -> None:
    page.press("/", "tl")
    assert page.run("return document.documentElement.lang") == "en"
    assert page.run("return document.documentElement.dataset.theme ?? ''") == ""


def test_an_address_opens_the_rule_it_names(page: Page) -> None:
    page.open("#rule-tier.reached")
    assert "tier.reached" in page.focused()
    assert page.run("return document.querySelector('[id=\"rule-tier.reached\"]').open")


def test_a_rule_of_a_failure_leads_to_it_though_it_was_filtered_away(
    page: Page,
) -> None:
    page.press("/", "long_tiers_490")
    page.press(Keys.TAB)
    page.run("document.querySelector('.failure .rules a').click()")
    page.run("return document.querySelector('.failure .rules a').hash")
    assert page.run("return document.activeElement.closest('.leaf') !== null")


def test_a_command_is_copied(page: Page) -> None:
    permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    page.one(".failure .copy").click()
    script = "return document.querySelector('.failure .copy').dataset.copied"
    assert page.run(script) == "true"


def test_paper_shows_what_is_folded(page: Page) -> None:
    folded = len(page.all("details:not([open])"))
    assert folded > 0
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.all("details:not([open])") == []
    page.run("dispatchEvent(new Event('afterprint'))")
    assert len(page.all("details:not([open])")) == folded


def test_paper_is_light_and_has_no_controls(page: Page) -> None:
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"media": "print", "features": features}
    )
    assert is_dark(page) is False
    assert page.shown(".controls, .finder, .copy, .keys") == []


@pytest.mark.parametrize("width", [320, 768])
def test_a_narrow_screen_does_not_scroll_sideways(
    page: Page, log: LogFile, width: int
) -> None:
    assert log
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.run(UNFOLD)
    wide = page.run("return document.documentElement.scrollWidth")
    page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width


def test_without_a_script_the_page_still_reads(page: Page) -> None:
    command = "Emulation.setScriptExecutionDisabled"
    page.driver.execute_cdp_cmd(command, {"value": True})
    page.open()
    assert page.one("h1").text == "Not conformant"
    assert page.shown(".languages, .theme, .finder, .copy") == []
    assert "glossary.alice" in page.one("#failures").text
    page.driver.execute_cdp_cmd(command, {"value": False})


def test_the_ladder_is_drawn_to_its_prices(page: Page) -> None:
    script = """
      const rungs = [...document.querySelectorAll('.ladder')[0].querySelectorAll('g')];
      return rungs.map((one) => [one.getAttribute('class'),
        Math.round(one.querySelector('.rung').getBoundingClientRect().top)]);
    """
    heights = dict(page.run(script))
    ours, theirs = "liquidation_price differs", "liquidation_price theirs differs"
    assert heights["entry_price"] < heights[ours] < heights["bankruptcy_price"]
    assert heights[theirs] <= heights[ours]
