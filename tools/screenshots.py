"""Take the README's pictures from a running ``transom serve`` of the sample company.

Usage: python -m tools.screenshots http://127.0.0.1:8000 "$(transom login-link --groups employees)" docs/images
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
ASKED = "平日加班三小時，加班費怎麼算？"


def main(address: str, login_link: str, folder: str) -> None:
    """Write answer.png (desktop, citation open) and phone.png."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = _signed_in(browser, login_link, 1600, 860)
        _ask(page, "人資窗口", ASKED)
        page.locator(".mark").first.click()
        expect(page.locator("#source-img")).to_be_visible(timeout=20_000)
        page.wait_for_timeout(500)
        page.screenshot(path=str(target / "answer.png"))
        page.context.storage_state(path=str(target / "state.json"))
        phone = browser.new_page(
            viewport={"width": 360, "height": 740}, locale="zh-TW", storage_state=target / "state.json"
        )
        (target / "state.json").unlink()
        phone.goto(address)
        phone.locator(".door", has_text="人資窗口").click()  # the server has kept what was asked
        expect(phone.locator(".answered")).to_have_count(1, timeout=20_000)
        phone.wait_for_timeout(300)
        phone.screenshot(path=str(target / "phone.png"))
        browser.close()


def _signed_in(browser: Browser, login_link: str, width: int, height: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-TW")
    page.goto(login_link)
    page.locator("main form button").click()
    page.wait_for_url("**/")
    return page


def _ask(page: Page, window: str, question: str) -> None:
    page.locator(".door", has_text=window).click()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answered")).to_have_count(1, timeout=20_000)


if __name__ == "__main__":
    main(*sys.argv[1:])
