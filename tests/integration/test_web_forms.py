"""Forms on the page over the real desk: each is handed in at most once, whatever its page, tab or device does."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from integration.form_talk import FormTalk, tap_of
from integration.talking import BOSS, FANG, Talk

from bots.conversations.desk import Desk
from bots.messages import FormView, InboundEvent, Reply, Visitor
from bots.ports import Attached, Filled

LAPTOP = Visitor("laptop", frozenset({"employees"}), FANG)
PHONE = Visitor("phone", frozenset({"employees"}), FANG)
CUSTOMER = Visitor("c", frozenset({"customers"}))
DAY_OFF = {"kind": "特休", "starts": "2026-12-01T09:00", "ends": "2026-12-01T18:00", "reason": "搬家"}
WRONG = {**DAY_OFF, "ends": "2026-11-01T09:00"}
NUMBER = "HR-LEAVE-2026-0001"


class PageTalk(FormTalk):
    """Talks on the page as its script does."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk = Desk(self.windows, self.intake, self.database, self.bell, self.pages)
        self.messages = count()

    def _fetched(self, of: InboundEvent) -> bytes | None:
        return b"jpeg"

    def begins(self, data: str = "form=hr/leave", who: Visitor = LAPTOP, window: str = "hr") -> FormView:
        """Tap on what begins a form, and return the form that is shown."""
        form = self.taps(data, who, window).form
        assert form is not None
        return form

    def taps(self, data: str, who: Visitor = LAPTOP, window: str = "hr") -> Reply:
        self.desk.tap(who, window, f"m{next(self.messages)}", "tap", data, "zh-TW")
        self.work()
        return self.last(who, window)

    def sends(
        self, form: FormView, values: Mapping[str, str], who: Visitor = LAPTOP, window: str = "hr", draft: str = "shown"
    ) -> Reply:
        """Press the form's button, and return what is said to it. ``draft``: what the page says it is."""
        self.presses(form, values, who, window, draft)
        self.work()
        return self.last(who, window)

    def presses(
        self, form: FormView, values: Mapping[str, str], who: Visitor = LAPTOP, window: str = "hr", draft: str = "shown"
    ) -> None:
        filled = Filled(form.name, form.title, values, form.draft if draft == "shown" else draft)
        self.desk.hand_in(who, window, f"m{next(self.messages)}", filled, "zh-TW")

    def says(self, text: str) -> Reply:
        self.desk.put(LAPTOP, "hr", f"m{next(self.messages)}", text, "zh-TW")
        self.work()
        return self.last(LAPTOP, "hr")

    def last(self, who: Visitor, window: str) -> Reply:
        reply = self.desk.asked(who, window)[-1].reply
        assert reply is not None
        return reply

    def shown_values(self) -> list[Mapping[str, str]]:
        """What stands in the forms of the conversation, oldest first."""
        forms = [one.reply.form for one in self.desk.asked(LAPTOP, "hr") if one.reply and one.reply.form]
        return [{field.name: field.value for field in form.fields if field.value} for form in forms]


@pytest.fixture
def page(talk: Talk) -> Iterator[PageTalk]:
    """The pages of a company that has forms."""
    made = PageTalk(talk.url, talk.company)
    yield made
    made.close()


def test_a_form_is_open_until_it_is_handed_in(page):
    """And from then on the desk knows its number."""
    form = page.begins()
    assert page.desk.forms(LAPTOP).open == {form.draft}
    assert NUMBER in page.sends(form, DAY_OFF).text
    now = page.desk.forms(LAPTOP)
    assert (now.open, now.handed_in) == (frozenset(), {form.draft: NUMBER})


def test_handed_in_twice_it_is_handed_in_once(page):
    """The second is told the number as a notice, and where to see it; nothing else follows of it."""
    form = page.begins()
    page.sends(form, DAY_OFF)
    again = page.sends(form, {**DAY_OFF, "kind": "病假"})
    assert (again.text, NUMBER in (again.notice or ""), again.form) == ("", True, None)
    assert tap_of(again, "看詳情").startswith("request=")
    assert len(page.submitted()) == len(page.begun) == 1
    assert page.drafts() == []
    assert page.begins(tap_of(again, "再填")).draft != form.draft


def test_in_two_tabs_at_once_it_is_handed_in_once(page):
    """Both come before either is handled."""
    form = page.begins()
    page.presses(form, DAY_OFF)
    page.presses(form, DAY_OFF)
    page.work()
    first, second = [one.reply for one in page.desk.asked(LAPTOP, "hr")[-2:]]
    assert first is not None
    assert second is not None
    assert NUMBER in first.text
    assert NUMBER in (second.notice or "")
    assert len(page.submitted()) == len(page.begun) == 1


def test_by_many_workers_at_once_it_is_handed_in_once(page):
    """Conversations are handled side by side; whoever comes second is handled anew, and told."""
    form = page.begins()
    devices = [Visitor(f"device{number}", LAPTOP.groups, FANG) for number in range(6)]
    for device in devices:
        page.presses(form, DAY_OFF, device)
    clerks = [page.another_clerk() for _ in devices]
    with ThreadPoolExecutor(len(devices)) as pool:
        list(pool.map(lambda n: clerks[n].handle_next(f"web:web:device{n}:hr"), range(len(devices))))
    page.work()
    said = [page.last(device, "hr") for device in devices]
    assert sorted((reply.notice is None) for reply in said) == [False] * 5 + [True]
    assert all(NUMBER in (reply.notice or reply.text) for reply in said)
    assert len(page.submitted()) == len(page.begun) == 1


def test_handed_in_on_another_device_it_is_over_here(page):
    """A form is a person's, wherever it stands."""
    form = page.begins()
    page.sends(form, DAY_OFF, PHONE)
    assert page.desk.forms(LAPTOP).handed_in == {form.draft: NUMBER}
    assert NUMBER in (page.sends(form, DAY_OFF).notice or "")


def test_talked_through_it_is_over_on_the_page(page):
    """The tap below the confirmation hands in the same form."""
    form = page.begins()
    for text in ("特休", "2026-12-01 09:00", "2026-12-01 18:00"):
        page.says(text)
    page.taps(tap_of(page.says("搬家"), "送出"))
    assert page.desk.forms(LAPTOP).handed_in == {form.draft: NUMBER}
    assert NUMBER in (page.sends(form, DAY_OFF).notice or "")
    assert len(page.submitted()) == 1


@pytest.mark.parametrize("end", ["取消", "form=hr/leave/anew"])
def test_a_form_that_was_cancelled_or_replaced_is_not_taken(page, end):
    """A notice says so; neither a request nor a draft comes of it, and the newer form is not touched."""
    form = page.begins()
    (page.taps if "=" in end else page.says)(end)
    drafts = page.drafts()
    told = page.sends(form, DAY_OFF)
    assert (told.text, "取消" in (told.notice or "")) == ("", True)
    assert (page.submitted(), page.drafts()) == ([], drafts)
    assert form.draft not in page.desk.forms(LAPTOP).open


def test_the_newer_form_is_handed_in(page):
    """The older one is over, the newer one counts."""
    old, new = page.begins(), page.begins("form=hr/leave/anew")
    assert page.desk.forms(LAPTOP).open == {new.draft}
    page.sends(old, DAY_OFF)
    assert NUMBER in page.sends(new, DAY_OFF).text
    assert page.desk.forms(LAPTOP).handed_in == {new.draft: NUMBER}


def test_a_form_that_is_refused_stays_open(page):
    """What is wrong is told, and the form, where it stood or where it is told, may be sent again, once."""
    form = page.begins()
    told = page.sends(form, WRONG)
    assert "還不能送出" in told.text
    assert told.form is not None
    assert (told.form.draft, page.desk.forms(LAPTOP).open) == (form.draft, {form.draft})
    assert NUMBER in page.sends(form, DAY_OFF).text
    assert NUMBER in (page.sends(told.form, DAY_OFF).notice or "")
    assert len(page.submitted()) == 1


def test_what_was_written_stands_there_after_a_reload(page):
    """In the forms as they were shown, as it was sent last; what was not taken any more is not there."""
    form = page.begins()
    page.sends(form, WRONG)
    assert page.shown_values()[0] == WRONG
    page.sends(form, DAY_OFF)
    page.sends(form, {**DAY_OFF, "reason": "too late"})
    assert page.shown_values() == [DAY_OFF, DAY_OFF]


def test_a_form_of_a_page_that_knows_no_drafts_is_taken_as_before(page):
    """It ends the draft it finds; without one it is whole."""
    form = page.begins()
    assert NUMBER in page.sends(form, DAY_OFF, draft="").text
    assert page.drafts() == []
    assert "HR-LEAVE-2026-0002" in page.sends(form, DAY_OFF, draft="").text


@pytest.mark.parametrize("draft", ["nothing", "' or 1=1 --"])
def test_a_form_that_there_never_was_is_not_taken(page, draft):
    """Whatever a page says."""
    form = page.begins()
    assert page.sends(form, DAY_OFF, draft=draft).notice
    assert page.submitted() == []


def test_somebody_elses_form_is_not_taken(page):
    """Nor is it told whether there is such a form, nor what became of it."""
    form = page.begins()
    boss = Visitor("b", frozenset({"employees"}), BOSS)
    before = page.sends(form, DAY_OFF, boss)
    page.sends(form, DAY_OFF)
    assert (page.sends(form, DAY_OFF, boss).notice, page.desk.forms(boss).handed_in) == (before.notice, {})
    assert len(page.submitted()) == 1


def test_another_form_is_not_handed_in_as_this_one(page):
    """A draft is of one form."""
    leave = page.begins()
    purchase = FormView("hr/purchase", "請購單", (), "送出", draft=leave.draft)
    assert page.sends(purchase, {"amount": "300"}).notice
    assert (page.submitted(), page.desk.forms(LAPTOP).open) == ([], {leave.draft})


def test_a_customers_form_is_handed_in_once(page):
    """Without being known they have it as employees do."""
    form = page.begins("form=sales/complaint", CUSTOMER, "sales")
    what = {"what": "還沒收到貨"}
    assert "SALES-COMPLAINT-2026-0001" in page.sends(form, what, CUSTOMER, "sales").text
    assert "SALES-COMPLAINT-2026-0001" in (page.sends(form, what, CUSTOMER, "sales").notice or "")
    assert page.desk.forms(CUSTOMER).handed_in == {form.draft: "SALES-COMPLAINT-2026-0001"}
    assert page.desk.forms(Visitor("c2", CUSTOMER.groups)).handed_in == {}


def test_a_file_goes_to_the_form_it_was_chosen_in(page):
    """Of one that is over it is not taken, and begins no other."""
    form = page.begins("form=hr/repair")
    photo = Attached("牆.jpg", "image/jpeg", b"jpeg", "hr/repair/photo", form.draft)
    page.desk.attach(LAPTOP, "hr", "f1", photo, "zh-TW")
    page.work()
    taken = page.last(LAPTOP, "hr")
    assert ("已收下" in taken.text, taken.took) == (True, True)
    assert "HR-REPAIR-2026-0001" in page.sends(form, {"what": "牆"}).text
    assert page.shown_values() == [{"what": "牆", "photo": "牆.jpg"}]
    page.desk.attach(LAPTOP, "hr", "f2", photo, "zh-TW")
    page.work()
    told = page.last(LAPTOP, "hr")
    assert (told.text, "HR-REPAIR-2026-0001" in (told.notice or ""), told.took) == ("", True, False)
    assert page.drafts() == []
    assert page.value("select count(*) from submission_files") == 1
