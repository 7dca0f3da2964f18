import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from fakes.slack.blocks import problems_of_view, view_too_large
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.messages import FormField, FormView, Place
from bots.platforms.slack.filled import origin_of
from bots.platforms.slack.form_view import form_view, input_blocks

DM = Place("slack", "a-company", "D1", direct=True, thread="1.1")
CHANNEL = Place("slack", "a-company", "C1", direct=False, thread="1.1")
TAIPEI = ZoneInfo("Asia/Taipei")
EVIL = "<!channel> <@U1> *b* <https://evil.example|特休> :smile: &amp;"
KINDS = ["text", "number", "money", "choice", "choices", "date", "time", "datetime", "person", "file", "of tomorrow"]

TEXT = st.text(max_size=200) | st.builds(lambda word, times: word * times, st.text(max_size=9), st.integers(0, 900))
VALUE = TEXT | st.sampled_from(
    [
        "",
        "1",
        "-1.5",
        "1e9",
        "٣",
        "2026-05-12",
        "2026-13-40",
        "0001-01-01",
        "24:00",
        "09:30",
        "2026-05-12T09:00:00+02:00",
    ]
)
CHOICES = st.lists(st.tuples(TEXT, TEXT), max_size=30).map(tuple) | st.integers(0, 1200).map(
    lambda many: tuple((f"v{n}", f"選項 {n}") for n in range(many))
)
FIELD = st.builds(
    FormField,
    st.just(""),
    st.sampled_from(KINDS),
    TEXT,
    help=TEXT,
    optional=st.booleans(),
    choices=CHOICES,
    value=VALUE,
    example=TEXT,
    longest=st.integers(1, 5000),
)


def numbered(fields):
    """Give the fields names of their own, as a form's have."""
    return tuple(
        FormField(
            f"f{n}", one.kind, one.label, one.help, one.optional, one.choices, one.value, one.example, one.longest
        )
        for n, one in enumerate(fields)
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(FIELD, max_size=30).map(numbered), TEXT, TEXT, st.sampled_from(["zh-TW", "en"]))
def test_whatever_a_form_asks_slack_takes_the_modal(fields, title, submit, language):
    """Or there is none, where Slack could not show it."""
    view = form_view(FormView("hr/leave", title, fields, submit, language), DM, TAIPEI)
    if view is not None:
        assert problems_of_view(view) == []
        assert not view_too_large(view)
        assert input_blocks(view) == [field.name for field in fields if field.kind != "file"]


def shown(*fields, title="請假單", place=DM, **more):
    return form_view(FormView("hr/leave", title, fields, "送出", **more), place, TAIPEI)


def element(kind, **given):
    return shown(FormField("f", kind, "標籤", **given))["blocks"][0]["element"]


def choices(many):
    return tuple((f"v{n}", f"選項 {n}") for n in range(many))


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (
            "text",
            {"longest": 200, "value": "回家"},
            {"type": "plain_text_input", "max_length": 200, "initial_value": "回家"},
        ),
        ("text", {"longest": 201}, {"type": "plain_text_input", "max_length": 201, "multiline": True}),
        ("person", {"longest": 500}, {"type": "plain_text_input", "max_length": 500}),
        ("number", {"value": "2.5"}, {"type": "number_input", "is_decimal_allowed": True, "initial_value": "2.5"}),
        ("money", {"value": "NT$1,200"}, {"type": "number_input", "is_decimal_allowed": True}),
        ("date", {"value": "2026-05-12"}, {"type": "datepicker", "initial_date": "2026-05-12"}),
        ("date", {"value": "明天"}, {"type": "datepicker"}),
        ("time", {"value": "09:30"}, {"type": "timepicker", "initial_time": "09:30"}),
        ("time", {"value": "25:00"}, {"type": "timepicker"}),
        ("datetime", {"value": "2026-05-12T09:00"}, {"type": "datetimepicker", "initial_date_time": 1778547600}),
        ("datetime", {"value": "1970-01-01T09:00"}, {"type": "datetimepicker"}),
    ],
)
def test_each_kind_of_field_has_its_element(kind, given, expected):
    """With what is known filled in, where Slack can show it."""
    assert element(kind, **given) == {**expected, "action_id": "f"}


def test_few_choices_are_seen_at_once_and_many_stand_in_a_menu():
    """One of them by a dot or in a menu, several by ticks or in a menu; above a hundred in groups."""
    kinds = [
        element("choice", choices=choices(4))["type"],
        element("choice", choices=choices(4), optional=True)["type"],
        element("choice", choices=choices(5))["type"],
        element("choices", choices=choices(10))["type"],
        element("choices", choices=choices(11))["type"],
    ]
    assert kinds == ["radio_buttons", "static_select", "static_select", "checkboxes", "multi_static_select"]
    groups = element("choice", choices=choices(250))["option_groups"]
    assert [len(group["options"]) for group in groups] == [100, 100, 50]
    assert groups[2]["label"]["text"] == "選項 200 – 選項 249"


def test_what_is_chosen_already_is_chosen():
    """One or several, by their values; what is none of the options is not."""
    assert element("choice", choices=choices(5), value="v3")["initial_option"]["value"] == "v3"
    several = element("choices", choices=choices(5), value="v1、v4,v9")
    assert [option["value"] for option in several["initial_options"]] == ["v1", "v4"]
    assert "initial_option" not in element("choice", choices=choices(5), value="x")


@pytest.mark.parametrize("offered", [(), (("", "空"),), (("長" * 151, "太長"),)])
def test_choices_that_slack_cannot_offer_are_written(offered):
    """The form's own rules say whether it is one of them."""
    assert element("choice", choices=offered)["type"] == "plain_text_input"


def test_a_modal_remembers_the_form_and_the_direct_messages_it_was_opened_in():
    """Of a channel nothing: what is handed in there is answered in private."""
    field = FormField("f", "text", "標籤")
    inside = origin_of(shown(field, language="en"))
    assert (inside.form, inside.channel, inside.thread, inside.language) == ("hr/leave", "D1", "1.1", "en")
    outside = origin_of(shown(field, place=CHANNEL))
    assert (outside.form, outside.channel, outside.thread) == ("hr/leave", "", "")


def test_a_title_that_is_too_long_stands_above_the_fields():
    """Whole; a modal's own title has 24 characters."""
    view = shown(FormField("f", "text", "標籤"), title="派駐外地人員住宿與交通費用預支申請單（含返鄉機票）")
    assert view["title"]["text"] == "派駐外地人員住宿與交通費用預支申請單（含返鄉機…"
    assert view["blocks"][0]["text"]["text"] == "派駐外地人員住宿與交通費用預支申請單（含返鄉機票）"


def test_help_is_a_hint_and_people_have_one_of_their_own():
    """In the form's language."""
    hint = shown(FormField("f", "person", "代理人", help="同部門的人"))["blocks"][0]["hint"]["text"]
    own = shown(FormField("f", "person", "x"), language="en")["blocks"][0]["hint"]["text"]
    assert (hint, own) == ("同部門的人", "Name or employee number")


def test_a_form_that_slack_could_not_show_has_no_modal():
    """Too many fields, too much of everything, or nothing to fill in."""
    assert shown() is None
    assert shown(FormField("f", "file", "x")) is None
    assert shown(*(FormField(f"f{n}", "text", "x") for n in range(101))) is None
    large = tuple((f"{n}" + "長" * 100, "長" * 75) for n in range(900))
    assert shown(FormField("f", "choice", "x", choices=large)) is None


def test_words_of_a_form_are_only_words():
    """Plain text, in which nothing is a mention or a link."""
    field = FormField("f", "choice", EVIL, help=EVIL, choices=((EVIL, EVIL),))
    told = json.dumps(shown(field, FormField("g", "text", EVIL, example=EVIL), title=EVIL))
    assert "mrkdwn" not in told
    assert "markdown" not in told


def test_a_moment_that_is_filled_in_is_one_of_the_zone():
    """The same time of day elsewhere is another moment."""
    form = FormView("x", "x", (FormField("f", "datetime", "x", value="2026-05-12T01:00"),), "x")
    assert form_view(form, DM, UTC)["blocks"][0]["element"]["initial_date_time"] == 1778547600
