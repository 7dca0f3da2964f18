from browser.hall import door
from playwright.sync_api import expect


def test_a_link_logs_in_once(open_page, base_url, login_link):
    """The first visitor is signed in and can log out; the second is told that the link no longer works."""
    open_page.forgive("410")
    link = login_link("employees", "hr")
    first, second = open_page(link), open_page(link)
    first.get_by_role("main").get_by_role("button", name="登入").click()
    expect(first.get_by_text("登入身分 employees、hr")).to_be_visible()
    expect(door(first, "人資窗口")).to_be_visible()
    second.get_by_role("main").get_by_role("button", name="登入").click()
    expect(second.get_by_role("heading", name="這個連結已失效")).to_be_visible()
    second.goto(base_url)
    expect(second.get_by_role("link", name="人資窗口")).to_have_count(0)
    first.get_by_role("button", name="登出").click()
    expect(first.get_by_role("link", name="人資窗口")).to_have_count(0)


def test_logging_out_takes_the_conversation_away(open_page, login_link, base_url):
    """Whoever sits down next reads nothing of what an employee asked."""
    page = open_page(login_link("employees"))
    page.get_by_role("main").get_by_role("button", name="登入").click()
    door(page, "客服窗口").click()
    page.get_by_role("textbox").fill("內部的問題")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.refused")).to_have_count(1)
    page.reload()
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_role("button", name="登出").click()
    door(page, "客服窗口").click()
    expect(page.get_by_role("heading", name="客服窗口")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
