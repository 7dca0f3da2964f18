import re
from urllib.parse import urlsplit

import pytest

from bots.errors import SettingError
from bots.platforms.web import make_login_link

OURS = {"Sec-Fetch-Site": "same-origin"}


def path_of(link: str) -> str:
    return urlsplit(link).path


def test_opening_a_link_asks_and_does_not_use_it_up(client, login_link):
    """A link previewer may open it as often as it likes."""
    path = path_of(login_link("employees", "hr"))
    for _ in range(3):
        page = client.get(path)
        client.head(path)
    assert page.status_code == 200
    assert re.findall(r"<li>(\w+)</li>", page.text) == ["employees", "hr"]
    assert "人資窗口" not in client.get("/").text
    assert client.post(path, headers=OURS).status_code == 303


def test_the_button_logs_in(client, login_link, desk, ask):
    """The session has the link's groups: the page says so, and the desk hears them."""
    sent = client.post(path_of(login_link("hr", "employees")), headers=OURS)
    assert sent.headers["Location"] == "/"
    page = client.get("/").text
    assert "人資窗口" in page
    assert "employees、hr" in page
    ask("特休有幾天？", window="hr").get_data()
    assert desk.puts[0].visitor.groups == {"employees", "hr"}


def test_a_link_may_name_a_person(client, login_link, desk, ask):
    """What that person asks, taps and hands in is known to be theirs, until they log out."""
    client.post(path_of(login_link("employees", person="A0108")), headers=OURS)
    ask("特休有幾天？", window="hr").get_data()
    client.post("/logout", headers=OURS)
    ask("可以退嗎？", window="sales").get_data()
    assert [put.visitor.person for put in desk.puts] == ["A0108", ""]


def test_a_link_for_a_person_shows_who_it_is(client, login_link):
    """Their name as people.csv has it and their number, not their groups; once they are signed in, every page does."""
    path = path_of(login_link("employees", "hr", person="A0108"))
    shown = client.get(path).text
    assert re.search(r"葉佳蓉\s*<span class=\"number\">A0108</span>", shown)
    assert "employees" not in shown
    client.post(path, headers=OURS)
    page = client.get("/").text
    assert re.search(r'class="groups">葉佳蓉<', page)
    client.post("/logout", headers=OURS)
    assert "葉佳蓉" not in client.get("/").text


def test_somebody_whom_people_csv_does_not_have_is_shown_by_number(client, login_link):
    """The number stands for a name that is not known."""
    path = path_of(login_link("employees", person="A0999"))
    assert re.search(r'login-name">A0999\s*</p>', client.get(path).text)
    client.post(path, headers=OURS)
    assert re.search(r'class="groups">A0999<', client.get("/").text)


def test_a_link_works_once(app, client, login_link):
    """Whoever comes second is told that the link no longer works."""
    path = path_of(login_link("employees"))
    client.post(path, headers=OURS)
    second = app.test_client()
    response = second.post(path, headers=OURS)
    assert response.status_code == 410
    assert "這個連結已失效" in response.text
    assert "人資窗口" not in second.get("/").text


def test_a_link_expires_after_a_quarter_of_an_hour(client, clock, login_link):
    """After that neither the page nor the button works."""
    path = path_of(login_link("employees"))
    clock.forward(minutes=14)
    assert client.get(path).status_code == 200
    clock.forward(minutes=2)
    assert client.get(path).status_code == 410
    assert client.post(path, headers=OURS).status_code == 410


def test_a_link_we_did_not_sign_grants_nothing(client, clock):
    """Another key, a changed token and a page image's token are all refused."""
    other = make_login_link("another key altogether", "http://localhost", ["hr"], now=clock)
    for path in (path_of(other), "/login/xyz"):
        assert client.post(path, headers=OURS).status_code == 410
    assert "人資窗口" not in client.get("/").text


def test_another_site_cannot_log_a_visitor_in_or_out(client, login_link):
    """The link stays unused, the session as it is."""
    path = path_of(login_link("employees"))
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(path, headers=OURS).status_code == 303
    assert client.post("/logout", headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert "人資窗口" in client.get("/").text


def test_logging_out_makes_a_customer_again(client, login_link, desk, ask):
    """The groups are gone, and the visitor is another."""
    client.post(path_of(login_link("employees")), headers=OURS)
    ask("a").get_data()
    assert client.post("/logout", headers=OURS).status_code == 303
    ask("a").get_data()
    before, after = (asked.visitor for asked in desk.puts)
    assert after.groups == {"customers"}
    assert after.id != before.id


def test_logging_in_changes_the_visitors_id(client, login_link, desk, ask):
    """Page links made before are not carried into the new session."""
    ask("a").get_data()
    client.post(path_of(login_link("employees")), headers=OURS)
    ask("a").get_data()
    before, after = (asked.visitor.id for asked in desk.puts)
    assert before != after


def test_a_log_in_ends_after_twelve_hours(client, clock, login_link):
    """A session left open becomes a customer's."""
    client.post(path_of(login_link("employees")), headers=OURS)
    clock.forward(hours=11.9)
    assert "人資窗口" in client.get("/").text
    clock.forward(hours=0.2)
    assert "人資窗口" not in client.get("/").text


def test_an_anonymous_visitor_keeps_an_id(client, desk, ask):
    """The same browser is the same visitor; another browser is another."""
    client.get("/")
    ask("a").get_data()
    ask("a").get_data()
    ask("a", by=client.application.test_client()).get_data()
    first, second, other = (asked.visitor.id for asked in desk.puts)
    assert first == second != other


@pytest.mark.parametrize("groups", [[], [""], [" "]])
def test_a_link_that_would_grant_nothing_is_not_made(groups):
    """The command that asked for it says how to write it."""
    with pytest.raises(SettingError, match="--groups"):
        make_login_link("k", "http://localhost", groups)


def test_a_link_stands_below_the_base_address(clock):
    """A base address may end in a slash; blanks around a group's name are no part of it."""
    link = make_login_link("k", "https://a.example/", [" hr "], now=clock)
    assert re.fullmatch(r"https://a\.example/login/[\w.-]+", link)
