"""Files of a submission, opened through the rights the database knows: on the page, and behind links of a chat."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from fakes.desk import FakeUsedTokens
from flask.testing import FlaskClient
from integration.approving import BOSS, CLERK_OF_HR, FANG, OUTSIDER, SECOND_OF_HR, Company
from integration.form_talk import FormTalk, tap_of
from integration.talking import Talk, slack_person

from bots.conversations.desk import Desk
from bots.conversations.outbox.written import read_reply, reply_json
from bots.conversations.people import store as people
from bots.messages import AttachedFile, Card, FileOffer, Kind, Reply, Visitor
from bots.platforms.web import make_login_link
from bots.ports import OpenedFile
from bots.web import create_app

SECRET = "a key for tests, of no worth at all"
OURS = {"Sec-Fetch-Site": "same-origin"}
STAFF = frozenset({"employees"})
NAME, JPEG = '漏水 "<b>.jpg', b"\xff\xd8\xff a photo"
FILE = OpenedFile(NAME, "image/jpeg", JPEG)


@pytest.fixture
def company(talk: Talk) -> Company:
    """A company in which every request comes with a photo."""
    return Company(talk, attached={NAME: JPEG})


def file_of(company: Company) -> UUID:
    return UUID(str(company.talk.value("select max(id::text) from submission_files")))


def on_page(company: Company, number: str, file: UUID) -> OpenedFile | None:
    return company.talk.desk.attachment(Visitor(f"browser of {number}", STAFF, number), file)


def by_link(company: Company, number: str) -> OpenedFile | None:
    """Open the link that a person got last with a file."""
    courier = company.talk.slack
    told = [one for one in courier.arrived if one.place.channel == f"U{number}" and one.links.files]
    [(file, address)] = told[-1].links.files.items()
    assert address == f"file:{told[-1].id}:{file}"
    return company.talk.links.attachment(told[-1].id, UUID(file))


def test_who_is_asked_sees_the_file_on_the_card_and_opens_it(company):
    """On the card itself, with everything, and in the list of what waits; by link and on the page."""
    submission = company.hand_in("leave")
    file = file_of(company)
    shown = AttachedFile(str(file), NAME, len(JPEG))
    [asked] = company.heard(BOSS)
    assert asked.cards[0].attachments == (shown,)
    company.tap(BOSS, f"task={company.task(submission)}")
    assert company.heard(BOSS)[-1].cards == (Card("附件", attachments=(shown,)),)
    company.write(BOSS, "待辦")
    assert (by_link(company, BOSS), on_page(company, BOSS, file)) == (FILE, FILE)
    assert on_page(company, FANG, file) == FILE  # whose it is


def test_nobody_else_opens_it(company):
    """Another employee, who is asked about another; a visitor; somebody signed in as nobody; an id nobody knows."""
    company.hand_in("leave")
    file = file_of(company)
    company.hand_in("hr")
    for number in (OUTSIDER, CLERK_OF_HR, "A999", "person:A1", ""):
        assert on_page(company, number, file) is None
    assert company.talk.desk.attachment(Visitor(f"person:{BOSS}", frozenset({"managers", "hr"})), file) is None
    assert on_page(company, BOSS, uuid4()) is None
    [told] = [one for one in company.talk.slack.arrived if one.place.channel == f"U{SECOND_OF_HR}"]
    assert company.talk.links.attachment(told.id, file) is None  # a link's own reader has no task here
    assert company.talk.links.attachment(str(uuid4()), file) is None
    assert company.talk.links.attachment("x", file) is None


def test_a_right_that_is_taken_away_is_cut_off_at_once(company):
    """Another manager, an account that is unbound, a person who has left: the link and the page say nothing more."""
    company.hand_in("leave")
    file = file_of(company)
    assert (by_link(company, BOSS), on_page(company, BOSS, file)) == (FILE, FILE)
    company.talk.change("update people set manager = %s where employee_number = %s", OUTSIDER, FANG)
    assert (by_link(company, BOSS), on_page(company, BOSS, file)) == (None, None)
    assert on_page(company, OUTSIDER, file) == FILE
    company.talk.change("update people set manager = %s where employee_number = %s", BOSS, FANG)
    with company.talk.database.application() as connection:
        people.unbind(connection, BOSS)
    assert (by_link(company, BOSS), on_page(company, BOSS, file)) == (None, FILE)
    company.talk.change("update people set manager = null")
    company.talk.change("delete from people where employee_number = %s", FANG)
    assert on_page(company, FANG, file) is None


def test_who_works_on_it_opens_it_and_a_deputy_too(company):
    """Assigned work as well as decisions; a deputy as long as they are one."""
    company.hand_in("repair")
    file = file_of(company)
    assert (by_link(company, CLERK_OF_HR), on_page(company, SECOND_OF_HR, file)) == (FILE, FILE)
    assert on_page(company, OUTSIDER, file) is None
    company.talk.change("insert into delegations values (%s, %s, now() + interval '1 day')", CLERK_OF_HR, OUTSIDER)
    assert on_page(company, OUTSIDER, file) == FILE
    company.talk.change("update delegations set until = now() - interval '1 second'")
    assert on_page(company, OUTSIDER, file) is None


def test_over_http_as_a_browser_does_it(company):
    """From the log-in to the bytes, for the approver; the same page of nothing for a colleague and a visitor."""
    company.hand_in("leave")
    app = create_app(
        company.talk.desk, secret_key=SECRET, company_name="A公司", used_tokens=FakeUsedTokens(), link_desk=None
    )

    def browser(number: str) -> FlaskClient:
        client = app.test_client()
        link = make_login_link(SECRET, "http://localhost", ["employees"], person=number)
        assert client.post(urlsplit(link).path, headers=OURS).status_code == 303
        return client

    address = f"/files/{file_of(company)}"
    assert browser(BOSS).get(address).data == JPEG
    answers = [browser(OUTSIDER).get(address), app.test_client().get(address)]
    assert {(one.status_code, "這扇門後什麼也沒有" in one.text) for one in answers} == {(404, True)}


def test_a_reply_that_was_kept_before_cards_had_files_is_read(company):
    """And what is kept now comes back as it was."""
    reply = Reply("好。", cards=(Card("a", attachments=(AttachedFile("f", NAME, 9),)),))
    kept = reply_json(reply)
    assert read_reply(kept) == reply
    del kept["cards"][0]["attachments"]
    assert read_reply(kept).cards == (Card("a"),)


# --- my requests ---


@pytest.fixture
def forms(talk: Talk) -> Iterator[FormTalk]:
    made = FormTalk(talk.url, talk.company)
    yield made
    made.close()


def test_whoever_handed_it_in_opens_their_own(forms):
    """It is with the request in "my requests", for as long as it is theirs; a draft's file opens nowhere."""
    place = slack_person()
    forms.bind(place, FANG)
    forms.slack.files["photo-1"] = JPEG
    forms.tap(place, "form=hr/repair")
    forms.say(place, "三樓茶水間漏水")
    confirm = forms.ask(place, kind=Kind.FILE, file=FileOffer("photo-1", NAME, "image/jpeg"))
    file = UUID(str(forms.value("select id from submission_files")))
    desk = Desk(forms.windows, forms.intake, forms.database, forms.bell, forms.pages)
    fang = Visitor("browser", STAFF, FANG)
    assert desk.attachment(fang, file) is None
    forms.tap(place, tap_of(confirm, "送出"))
    number = forms.value("select id from submissions")
    one = forms.tap(place, f"request={number}")
    assert one.cards == (Card("附件", attachments=(AttachedFile(str(file), NAME, len(JPEG)),)),)
    assert desk.attachment(fang, file) == FILE
    assert forms.links.attachment(forms.slack.arrived[-1].id, file) == FILE
