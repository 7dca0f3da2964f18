"""Files from the page over the real desk: kept, handled exactly once, and gone when they are handled."""

from collections.abc import Iterator

import pytest
from integration import form_talk
from integration.form_talk import FormTalk, shown, tap_of
from integration.talking import FANG, Talk

from bots.conversations.desk import Desk
from bots.conversations.modes import Modes, joined
from bots.conversations.uploads import Uploads
from bots.errors import NotServed, NotWanted, TooMany
from bots.messages import FileOffer, InboundEvent, Reply, Visitor
from bots.ports import Attached, Filled

PERSON = Visitor("e", frozenset({"employees"}), FANG)
CUSTOMER = Visitor("c", frozenset({"customers"}))
CONTENT = b"\xff\xd8\xff a photo"
PHOTO = Attached("漏水.jpg", "image/jpeg", CONTENT)
FOR_THE_FORM = Attached("漏水.jpg", "image/jpeg", CONTENT, "hr/repair/photo")
COMPLAINTS_PHOTO = {"name": "photo", "type": "file", "label": "照片"}


class WebTalk(FormTalk):
    """The page's files are fetched as the worker fetches them. Customers' complaints may have a photo."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = Desk(self.windows, self.intake, self.database, self.bell, self.pages)

    def modes(self) -> Modes:
        return joined(super().modes(), Modes(after=(Uploads(self.database).after,)))

    def _fetched(self, of: InboundEvent) -> bytes | None:
        return Uploads(self.database).fetch(of) if of.place.platform == "web" else super()._fetched(of)

    def sends(self, file: Attached = PHOTO, message: str = "f1", who: Visitor = PERSON, window: str = "hr") -> Reply:
        """Send a file from the page, and return what is said to it."""
        self.desk.attach(who, window, message, file, "zh-TW")
        self.work()
        return self.last(who, window)

    def taps(self, data: str, message: str = "t1", who: Visitor = PERSON, window: str = "hr") -> Reply:
        self.desk.tap(who, window, message, "tap", data, "zh-TW")
        self.work()
        return self.last(who, window)

    def last(self, who: Visitor, window: str) -> Reply:
        reply = self.desk.asked(who, window)[-1].reply
        assert reply is not None
        return reply

    def uploads(self) -> int:
        return int(self.value("select count(*) from uploads"))

    def files(self) -> list[tuple[str, str, bytes]]:
        return [
            (row[0], row[1], bytes(row[2])) for row in self.rows("select field, name, content from submission_files")
        ]


@pytest.fixture
def talk(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebTalk]:
    """A company with forms; that for complaints, which customers may file, asks for a photo."""
    complaint = form_talk.SALES["complaint"]
    monkeypatch.setitem(form_talk.SALES, "complaint", {**complaint, "fields": [*complaint["fields"], COMPLAINTS_PHOTO]})
    made = WebTalk(talk.url, talk.company)
    yield made
    made.close()


def test_a_file_fills_in_the_field_that_asks_for_one(talk):
    """Its name stands in the conversation, its content with the submission; nothing is left between."""
    talk.taps("form=hr/repair")
    talk.desk.put(PERSON, "hr", "m1", "三樓茶水間漏水", "zh-TW")
    talk.work()
    assert "照片" in talk.last(PERSON, "hr").text
    confirm = talk.sends()
    assert "漏水.jpg" in shown(confirm)
    talk.taps(tap_of(confirm, "送出"), "t2")
    assert talk.files() == [("photo", "漏水.jpg", CONTENT)]
    assert talk.uploads() == 0
    kept = [(one.question, one.file) for one in talk.desk.asked(PERSON, "hr")]
    assert kept[2] == ("漏水.jpg", True)


def test_a_form_filled_in_at_once_comes_with_its_file(talk):
    """The file goes ahead and says for which field it is; the form then finds it there."""
    talk.taps("form=hr/repair")
    told = talk.sends(FOR_THE_FORM)
    assert (told.text, told.choices) == ("已收下「照片」：漏水.jpg", ())
    talk.desk.hand_in(PERSON, "hr", "h1", Filled("hr/repair", "報修單", {"what": "漏水"}), "zh-TW")
    talk.work()
    assert "HR-REPAIR" in talk.last(PERSON, "hr").text
    assert talk.files() == [("photo", "漏水.jpg", CONTENT)]


def test_a_form_that_was_handed_in_before_takes_a_file_again(talk):
    """The form still stands on the page: its file begins it anew, and is offered to nobody's knowledge."""
    talk.sends(FOR_THE_FORM)
    assert [(form, asked) for form, _, asked in talk.drafts()] == [("repair", "what")]
    assert talk.value("select count(*) from offers") == 0


def test_a_file_for_another_form_than_the_one_in_progress_is_not_taken(talk):
    """A notice says so, by which the page knows that the form is not to be handed in yet."""
    for number, (begun, meant) in enumerate([("purchase", "repair"), ("repair", "purchase")]):
        talk.taps(f"form=hr/{begun}/anew", f"t{number}")
        file = Attached("漏水.jpg", "image/jpeg", CONTENT, f"hr/{meant}/photo")
        told = talk.sends(file, f"f{number}")
        assert (told.text, "什麼都沒有改變" in (told.notice or "")) == ("", True)
        assert (talk.files(), talk.uploads()) == ([], 0)


def test_a_customer_may_attach_what_a_form_asks_for(talk):
    """Before a form asks, and after it is over, nothing is taken; a known id is followed all the same."""
    with pytest.raises(NotWanted):
        talk.sends(who=CUSTOMER, window="sales")
    assert (talk.desk.takes_files(CUSTOMER, "sales"), talk.uploads()) == (False, 0)
    talk.taps("form=sales/complaint", who=CUSTOMER, window="sales")
    assert talk.desk.takes_files(CUSTOMER, "sales")
    talk.desk.put(CUSTOMER, "sales", "m1", "機器漏水", "zh-TW")
    talk.work()
    confirm = talk.sends(who=CUSTOMER, window="sales")
    talk.taps(tap_of(confirm, "送出"), "t2", CUSTOMER, "sales")
    assert talk.files() == [("photo", "漏水.jpg", CONTENT)]
    assert not talk.desk.takes_files(CUSTOMER, "sales")
    talk.desk.attach(CUSTOMER, "sales", "f1", PHOTO, "zh-TW")
    assert (talk.work(), talk.uploads()) == (0, 0)


def test_a_customers_file_may_begin_the_form_it_was_chosen_in(talk):
    """The complaint on the page is open to customers; an employees' form is not."""
    chosen = Attached("a.jpg", "image/jpeg", CONTENT, "sales/complaint/photo")
    assert "已收下" in talk.sends(chosen, who=CUSTOMER, window="sales").text
    for field in ("hr/repair/photo", "sales/complaint/what", "sales/nothing/photo", "x"):
        with pytest.raises(NotWanted):
            talk.sends(Attached("a.jpg", "image/jpeg", CONTENT, field), "f2", Visitor("c2", CUSTOMER.groups), "sales")


def test_the_same_file_is_handled_once(talk):
    """A page that sends it again, before or after it is handled, changes nothing and leaves nothing lying."""
    talk.taps("form=hr/repair")
    for _ in range(2):
        talk.desk.attach(PERSON, "hr", "f1", FOR_THE_FORM, "zh-TW")
    talk.work()
    talk.desk.attach(PERSON, "hr", "f1", Attached("other.jpg", "image/jpeg", b"other"), "zh-TW")
    assert talk.work() == 0
    assert (talk.files(), talk.uploads()) == ([("photo", "漏水.jpg", CONTENT)], 0)


def test_a_worker_that_dies_with_a_file_leaves_it_for_the_next(talk):
    """It is there until the transaction that handles it, and gone with it."""
    talk.taps("form=hr/repair")
    talk.desk.attach(PERSON, "hr", "f1", FOR_THE_FORM, "zh-TW")
    fetch, talk.mode._fetch = talk.mode._fetch, _die
    with pytest.raises(SystemExit):
        talk.work()
    assert (talk.files(), talk.uploads()) == ([], 1)
    talk.mode._fetch = fetch
    talk.sweeper.sweep()
    talk.work()
    assert (talk.files(), talk.uploads()) == ([("photo", "漏水.jpg", CONTENT)], 0)


def _die(event: InboundEvent) -> bytes | None:
    raise SystemExit


def test_a_person_may_offer_a_document(talk):
    """Who contributes to a window's knowledge; everybody else is told whom to ask, and nothing is kept."""
    assert "沒有留下" in talk.sends().text
    contributor = Visitor("h", frozenset({"employees", "hr"}), "A2")
    assert "審核" in talk.sends(who=contributor, message="f2").text
    assert talk.rows("select name, content from offers") == [("漏水.jpg", CONTENT)]
    assert talk.uploads() == 0


def test_what_is_not_taken_in_is_not_kept(talk):
    """A window that does not serve the visitor, and too many within a minute."""
    with pytest.raises(NotServed):
        talk.desk.attach(CUSTOMER, "hr", "f1", PHOTO, "zh-TW")
    for number in range(20):
        talk.desk.attach(PERSON, "hr", f"f{number}", PHOTO, "zh-TW")
    with pytest.raises(TooMany):
        talk.desk.attach(PERSON, "hr", "f20", PHOTO, "zh-TW")
    assert talk.uploads() == 20


def test_what_nobody_waits_for_is_forgotten(talk):
    """A file whose event never came goes after a day; one that waits to be handled, or to be retried, stays."""
    talk.desk.attach(PERSON, "hr", "waits", PHOTO, "zh-TW")
    talk.desk.attach(PERSON, "hr", "failed", PHOTO, "zh-TW")
    talk.change("update inbox set state = 'failed' where event_id = 'e:failed'")
    talk.change("insert into uploads values ('e:never', 'x')")
    forget = "select forget_texts(now() - interval '30 days')"
    talk.rows(forget)
    assert talk.uploads() == 3
    talk.change("update uploads set at = now() - interval '25 hours'")
    talk.rows(forget)
    assert talk.uploads() == 2
    talk.change("update uploads set at = now() - interval '31 days'")
    talk.rows(forget)
    assert talk.rows("select event_id from uploads") == [("e:waits",)]


def test_the_inbox_keeps_what_the_page_said_of_the_file(talk):
    """Read again in the worker, an event names the same file."""
    talk.desk.attach(PERSON, "hr", "f1", FOR_THE_FORM, "zh-TW")
    body = talk.value("select body::text from inbox where event_id = 'e:f1'")
    event = talk.readers.read("web", "web", body)
    assert (event.file, event.data) == (FileOffer("e:f1", "漏水.jpg", "image/jpeg", len(CONTENT)), "hr/repair/photo")
