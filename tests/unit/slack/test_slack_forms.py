import json
from dataclasses import replace

import pytest
from fakes.slack.views import apply_answer
from flask import Flask

from bots.messages import Choice, Kind, Place, Reply
from bots.platforms.slack import SlackEvents, SlackReader

from .conftest import ACCOUNT, LEAVE, PERSON, Door

AT_NINE = 1778547600  # 2026-05-12 in Taipei


@pytest.fixture
def offer(slack, courier, in_dm):
    """A message of ours in the direct messages, with the button of a form."""
    reply = Reply("好。", form=LEAVE, choices=(Choice("一項一項問", data="fill=begin"),))
    courier.deliver(in_dm.delivery(reply=reply))
    return slack.messages_of_bot()[0]


@pytest.fixture
def tapped(slack, offer):
    """The tap on it."""
    return slack.interactions.click(offer, PERSON, "form-0")


@pytest.fixture
def opened(slack, post, tapped):
    """The modal that it opens."""
    post(tapped)
    return slack.views[0]


def kinds(inbox):
    return [event.kind for event in inbox.events]


def test_a_tap_on_a_form_opens_it_and_nothing_else_follows(slack, post, inbox, forms, tapped, in_dm):
    """The desk is asked for this person in this place; the tap is kept, and the conversation does not begin too."""
    assert post(tapped).data == b""
    assert forms.asked == [(in_dm.place, PERSON, "hr/leave", "zh-TW")]
    (view,) = slack.views
    assert view.payload["title"]["text"] == "請假單"
    assert kinds(inbox) == [Kind.IGNORED]
    assert slack.violations == []


def test_the_worker_reads_the_same_of_what_was_kept(post, inbox, workspace, tapped):
    """A tap that opened a form stays one of which nothing follows."""
    post(tapped)
    (arrival,) = inbox.kept.values()
    assert SlackReader([workspace]).read(ACCOUNT, json.loads(arrival.body)) == arrival.event


def test_a_tap_that_comes_again_opens_one_form(slack, post, inbox, tapped):
    """Slack sends it again when it has not heard us: the trigger is spent, so the form is open."""
    for _ in range(3):
        assert post(tapped).status_code == 200
    assert (len(slack.views), kinds(inbox)) == (1, [Kind.IGNORED])


def test_a_tap_whose_form_is_open_is_acknowledged_though_it_cannot_be_kept(slack, post, inbox, tapped):
    """The person has what they wanted. Sent again it is kept, and begins no conversation."""
    inbox.broken = True
    assert post(tapped).status_code == 200
    inbox.broken = False
    post(tapped)
    assert (len(slack.views), kinds(inbox)) == (1, [Kind.IGNORED])


def test_in_english_where_the_button_is(slack, post, forms, offer):
    """Slack does not tell the person's language."""
    label = {"type": "plain_text", "text": "Open the form"}
    post(slack.interactions.click(offer, PERSON, "form-0", text=label))
    assert forms.asked[0][-1] == "en"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before", "error_after", "rate_limited"])
def test_a_form_that_slack_does_not_open_is_asked_for_in_the_conversation(slack, post, inbox, tapped, kind):
    """Rather once too often than not at all: a modal that opened unheard may be closed."""
    slack.faults.add("views.open", kind)
    assert post(tapped).status_code == 200
    assert [(event.kind, event.data) for event in inbox.events] == [(Kind.POSTBACK, "form=hr/leave")]


def test_a_form_that_comes_too_late_is_asked_for_in_the_conversation(slack, post, inbox, tapped):
    """A trigger is good for three seconds."""
    slack.state.trigger_life_s = -1
    assert post(tapped).status_code == 200
    assert kinds(inbox) == [Kind.POSTBACK]


@pytest.mark.parametrize("change", [{"known": None}, {"trouble": RuntimeError("no database")}, {"slow_s": 1.7}])
def test_a_form_that_the_desk_does_not_give_is_asked_for_in_the_conversation(slack, post, inbox, forms, tapped, change):
    """There is none for this person, or it cannot be had now, or not in time."""
    for name, value in change.items():
        setattr(forms, name, value)
    assert post(tapped).status_code == 200
    assert (slack.views, kinds(inbox)) == ((), [Kind.POSTBACK])


def test_without_a_desk_there_are_no_modals(slack, workspace, inbox, clock, tapped):
    """The conversation asks for every form."""
    app = Flask(__name__)
    events = SlackEvents([workspace], inbox, SlackReader([workspace]), slack.api_url, clock)
    app.register_blueprint(events.blueprint())
    assert Door(app.test_client(), clock)(tapped).status_code == 200
    assert (slack.views, kinds(inbox)) == ((), [Kind.POSTBACK])


def test_other_taps_open_nothing(slack, post, inbox, forms, offer):
    """The desk is not even asked."""
    post(slack.interactions.click(offer, PERSON, "choice-0"))
    assert (forms.asked, slack.views) == ([], ())
    assert inbox.events[0].data == "fill=begin"


def test_a_form_is_filled_in_and_handed_in(slack, post, inbox, workspace, opened, in_dm):
    """From the tap to the event: values by field, the moment in the company's zone; the modal closes."""
    values = {"kind": "特休", "starts": AT_NINE + 3600, "with": ("A0102",), "reason": "<!channel> 回家"}
    answer = post(slack.interactions.fill_in(opened.id, **values))
    assert answer.json == {"response_action": "clear"}
    apply_answer(slack.state, opened, answer.data)
    assert slack.views == ()
    event = inbox.events[-1]
    assert (event.kind, event.data, event.sender, event.place) == (Kind.SUBMIT, "hr/leave", PERSON, in_dm.place)
    assert event.values == {
        "kind": "特休",
        "starts": "2026-05-12T10:00",
        "with": ("A0102",),
        "reason": "<!channel> 回家",
    }
    kept = list(inbox.kept.values())[-1]
    assert SlackReader([workspace]).read(ACCOUNT, json.loads(kept.body)) == event


def test_what_was_filled_in_already_is_handed_in_as_it_was(slack, post, inbox, opened):
    """The moment that the desk knew comes back as the same time of day; what is left out is not there."""
    post(slack.interactions.fill_in(opened.id, kind="事假"))
    assert inbox.events[-1].values == {"kind": "事假", "starts": "2026-05-12T09:00"}


def test_a_form_handed_in_twice_is_one_event(slack, post, inbox, opened):
    """Whoever taps again, or is sent again, hears that it is taken."""
    handed_in = slack.interactions.fill_in(opened.id, kind="特休")
    for request in (handed_in, handed_in, slack.interactions.fill_in(opened.id, kind="特休")):
        assert post(request).json == {"response_action": "clear"}
    assert kinds(inbox) == [Kind.IGNORED, Kind.SUBMIT]


def test_what_is_wrong_is_said_below_the_field_and_nothing_is_kept(slack, post, inbox, forms, opened):
    """What concerns the whole stands below the last field. Corrected, it is taken, in the same modal."""
    forms.wrong = {"starts": "開始要在今天以後。", "": "餘額不足。", "reason": "請寫事由。"}
    answer = post(slack.interactions.fill_in(opened.id, kind="特休"))
    assert answer.json == {
        "response_action": "errors",
        "errors": {"starts": "開始要在今天以後。", "reason": "餘額不足。 請寫事由。"},
    }
    apply_answer(slack.state, opened, answer.data)
    assert kinds(inbox) == [Kind.IGNORED]
    forms.wrong = {}
    assert post(slack.interactions.fill_in(opened.id, kind="特休")).json == {"response_action": "clear"}
    assert kinds(inbox) == [Kind.IGNORED, Kind.SUBMIT]
    assert slack.violations == []


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_what_is_wrong_is_said_in_the_modals_language(slack, post, forms, tapped, language):
    """The desk is told it: Slack tells nobody's."""
    forms.known = replace(LEAVE, language=language)
    post(tapped)
    post(slack.interactions.fill_in(slack.views[0].id, kind="特休"))
    assert (forms.asked[-1][2], forms.asked[-1][-1]) == ("hr/leave", language)


def test_a_sentence_without_words_is_no_problem(slack, post, forms, opened):
    """Slack would refuse it, and the person would see nothing."""
    forms.wrong = {"starts": " "}
    assert post(slack.interactions.fill_in(opened.id, kind="特休")).json == {"response_action": "clear"}


@pytest.mark.parametrize("change", [{"trouble": RuntimeError("no database")}, {"slow_s": 1.7}])
def test_a_form_is_taken_where_the_desk_cannot_say(slack, post, inbox, forms, opened, change):
    """It is checked again when it is handled."""
    for name, value in change.items():
        setattr(forms, name, value)
    assert post(slack.interactions.fill_in(opened.id, kind="特休")).json == {"response_action": "clear"}
    assert kinds(inbox)[-1] == Kind.SUBMIT


def test_a_form_that_cannot_be_kept_stays_open(slack, post, inbox, opened):
    """503: Slack shows that it failed, and it can be handed in again."""
    handed_in = slack.interactions.fill_in(opened.id, kind="特休")
    inbox.broken = True
    assert post(handed_in).status_code == 503
    inbox.broken = False
    assert post(handed_in).json == {"response_action": "clear"}
    assert kinds(inbox)[-1] == Kind.SUBMIT


def test_a_form_opened_in_a_channel_is_answered_in_private(slack, post, inbox, courier, in_thread):
    """What somebody writes into it is not for the channel."""
    courier.deliver(in_thread.delivery(reply=Reply("好。", form=LEAVE)))
    post(slack.interactions.click(slack.messages_of_bot()[0], PERSON, "form-0"))
    post(slack.interactions.fill_in(slack.views[0].id, kind="特休"))
    assert inbox.events[-1].place == Place("slack", ACCOUNT, PERSON, direct=True)


def test_a_form_with_a_file_says_where_to_send_it(slack, post, forms, tapped):
    """In the chat, once the rest is handed in; a form of nothing but files is left to the conversation."""
    proof = replace(LEAVE.fields[0], name="proof", kind="file", label="證明", choices=())
    forms.known = replace(LEAVE, fields=(*LEAVE.fields, proof))
    post(tapped)
    assert slack.views[0].payload["blocks"][-1]["elements"][0]["text"] == "證明：送出後，請在對話中傳給我。"
    assert post(slack.interactions.fill_in(slack.views[0].id, kind="特休")).json == {"response_action": "clear"}


def test_a_tap_that_says_more_than_a_forms_name_is_for_the_conversation(slack, post, inbox, forms, offer):
    """As "begin this one and drop the other" does."""
    for value in ("form=hr/leave/anew", "form=hr", "form="):
        post(slack.interactions.click(offer, PERSON, "form-0", value=value))
    assert (forms.asked, slack.views) == ([], ())
    assert [event.data for event in inbox.events] == ["form=hr/leave/anew", "form=hr", "form="]
