"""Filling in a form by talking, step by step: what is taken, what is asked next, and what is a question of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.conversations.forms.samples import EVERYTHING, LEAVE, NOW, TAIPEI, context

from bots.conversations.forms import steps, taps
from bots.conversations.forms.questions import Asking, reply
from bots.conversations.forms.steps import Filling, Step
from bots.windows.modes import values
from bots.windows.modes.form import Form

TOMORROW_AT_TWO = datetime(2026, 11, 30, 14, 0, tzinfo=TAIPEI)


def begun(text: str = "", form: Form = LEAVE, **known: Any) -> Step:
    return steps.begin(form, known, text, context())


def told(step: Step, *texts: str) -> Step:
    """Answer one text after the other."""
    for text in texts:
        step = steps.answer(step.filling, text, context())
    return step


def tapped(step: Step, path: str, revision: int = 1, picked: str = "") -> Step:
    return taps.step(step.filling, revision, path, picked, context())


def option(form: Form, field: str, value: str) -> str:
    """The path of the tap that chooses a value."""
    found = steps.field_of(form, field)
    assert found is not None
    return f"set/{field}/{steps.key_of(next(one for one in found.choices if one.value == value))}"


def confirmed(step: Step) -> bool:
    return step.filling.asked == "" and not step.filling.open and not step.does


WHOLE = ("特休", "2026-11-30 14:00", "2026-11-30 18:00", "看牙醫")


def test_fields_are_asked_in_order_until_the_whole_is_confirmed() -> None:
    """Each answer leads to the next open field, the last one to the confirmation, and that to handing in."""
    step, asked = begun(), []
    for text in WHOLE:
        asked.append(step.filling.asked)
        step = told(step, text)
    assert asked == ["kind", "starts", "ends", "reason"]
    assert confirmed(step)
    assert told(step, "送出").does == "hand_in"


def test_the_first_message_fills_what_it_says() -> None:
    """A message that begins a form and says more is not asked for it again."""
    step = begun("幫我請明天下午兩點開始的特休")
    assert step.filling.values["kind"] == "特休"
    assert step.filling.values["starts"] == TOMORROW_AT_TWO
    assert step.filling.asked in ("ends", "reason")


def test_a_message_in_the_middle_fills_other_fields_too() -> None:
    """Where the kind was asked for, times that the message names are taken with it."""
    step = told(begun(), "特休，明天下午兩點到五點")
    assert step.filling.values["kind"] == "特休"
    assert step.filling.asked in ("ends", "reason")


def test_a_wrong_value_is_told_and_asked_for_again() -> None:
    """What is no value of the field leaves everything as it was, with a sentence."""
    step = told(begun(), "火星假")
    assert step.filling.asked == "kind"
    assert step.filling.values == {}
    assert "火星假" in step.wrong


def test_an_end_before_the_beginning_is_asked_for_again() -> None:
    """A value that is wrong beside another is not kept."""
    step = told(begun(), "特休", "2026-11-30 14:00", "2026-11-30 09:00")
    assert step.filling.asked == "ends"
    assert "ends" not in step.filling.values
    assert step.wrong


def test_a_beginning_moved_behind_the_end_asks_for_the_end() -> None:
    """Changing one of two may make the other wrong; that one is asked for, and nothing is handed in."""
    step = told(begun(), *WHOLE, "開始 2026-12-01 09:00")
    assert step.filling.asked in ("ends", "starts")
    assert step.wrong
    assert steps.hand_in(step.filling, context()).does == ""


@pytest.mark.parametrize(
    "question", ["特休有幾天？", "請問可以請半天嗎", "病假要附證明嗎？", "How many days do I have?"]
)
def test_a_question_in_the_middle_is_a_question(question: str) -> None:
    """A question is none of the form's, though it names what was asked for, and the form stays as it was."""
    for before in (begun(), told(begun(), "特休")):
        step = told(before, question)
        assert step.does == "pass"
        assert step.filling == before.filling


def test_a_text_field_takes_everything_but_a_question_mark() -> None:
    """A reason may read like anything; only a message that ends with a question mark is a question."""
    before = told(begun(), *WHOLE[:3])
    assert told(before, "家裡有事，不知道要多久").filling.values["reason"] == "家裡有事，不知道要多久"
    assert told(before, "這樣要扣薪水嗎？").does == "pass"
    field = steps.field_of(LEAVE, "reason")
    assert field is not None
    meant = steps.read(before.filling, field, "這樣要扣薪水嗎？", context())
    assert meant.filling.values["reason"] == "這樣要扣薪水嗎？"


def test_an_optional_field_is_skipped_and_not_asked_again() -> None:
    """Skipping by word or tap leads on; a field that is needed cannot be skipped."""
    before = told(begun(), *WHOLE[:3])
    assert before.filling.asked == "reason"
    for step in (told(before, "略過"), tapped(before, "skip/reason")):
        assert confirmed(step)
        assert step.filling.values["reason"] is None
    assert tapped(begun(), "skip/kind").filling.asked == "kind"


def test_a_field_is_edited_by_tap_by_name_and_with_its_value_at_once() -> None:
    """Editing asks for one field and comes back to the confirmation with everything else kept."""
    whole = told(begun(), *WHOLE)
    for asked in (told(whole, "修改", "假別"), tapped(tapped(whole, "edit"), "ask/kind")):
        assert asked.filling.asked == "kind"
        changed = told(asked, "病假")
        assert confirmed(changed)
        assert changed.filling.values == {**whole.filling.values, "kind": "病假"}
    assert told(whole, "假別改成病假").filling.values["kind"] == "病假"
    nothing = told(whole, "修改", "星座")
    assert nothing.filling.editing
    assert nothing.wrong


def test_a_field_is_edited_in_free_text_at_the_confirmation() -> None:
    """A value said there takes the place of the old one."""
    step = told(begun(), *WHOLE, "病假")
    assert confirmed(step)
    assert step.filling.values["kind"] == "病假"


def test_what_was_not_seen_is_not_handed_in() -> None:
    """The tap of an earlier confirmation shows the form again as it is now, and says so."""
    whole = told(begun(), *WHOLE)
    again = tapped(whole, "submit/3", revision=4)
    assert again.does == ""
    assert again.wrong
    assert tapped(whole, "submit/4", revision=4).does == "hand_in"


def test_an_unfinished_form_is_not_handed_in() -> None:
    """A forged tap to hand in asks for what is missing."""
    step = tapped(told(begun(), "特休"), "submit/1")
    assert step.does == ""
    assert step.filling.asked == "starts"
    assert "開始" in step.wrong


def test_a_picker_answers_and_a_platform_without_one_asks() -> None:
    """What was picked is the value, in the company's time zone; a tap that picked nothing asks in words."""
    before = told(begun(), "特休")
    assert tapped(before, "pick/starts", picked="2026-11-30T14:00").filling.values["starts"] == TOMORROW_AT_TWO
    assert tapped(before, "pick/starts").filling == before.filling


def test_several_are_chosen_one_by_one() -> None:
    """Taps take options in and out again until "done"; nothing chosen is no answer."""
    form = EVERYTHING
    step = begun("", form, words="a", count=1, price=5, color="紅")
    assert step.filling.asked == "extras"
    assert tapped(step, "done/extras").wrong
    for value in ("電池", "濾網", "電池"):
        step = tapped(step, option(form, "extras", value))
        assert step.filling.asked == "extras"
    step = tapped(step, "done/extras")
    assert step.filling.values["extras"] == ("濾網",)
    assert step.filling.asked == "day"
    assert told(tapped(step, "ask/extras"), "電池、提把").filling.values["extras"] == ("電池", "提把")


def test_a_rule_over_the_whole_keeps_the_form_from_being_handed_in() -> None:
    """A check of the file is told at the confirmation, and handing in tells it again."""
    filled = {"words": "a", "count": 6, "color": "紅", "extras": ("電池",), "day": NOW.date()}
    skipped = {field.name: None for field in EVERYTHING.fields if field.optional}
    step = steps.hand_in(Filling(EVERYTHING, {**filled, **skipped}), context())
    assert step.does == ""
    assert "紅色一次最多五個" in step.wrong


def test_an_option_that_is_gone_is_asked_for_again() -> None:
    """A choice that the file no longer offers is neither chosen by an old tap nor handed in."""
    whole = told(begun(), *WHOLE)
    old = tapped(whole, "set/kind/0000000000")
    assert (old.filling.asked, bool(old.wrong)) == ("kind", True)
    strange = Filling(LEAVE, {**whole.filling.values, "kind": "事假"})
    step = steps.hand_in(strange, context())
    assert (step.does, step.filling.asked) == ("", "kind")


@pytest.mark.parametrize(
    "path", ["", "boom", "set/kind", "set/nothing/1", "ask/", "skip/../x", "submit/", "pick/kind/x"]
)
def test_an_unknown_tap_changes_nothing(path: str) -> None:
    """Whatever a forged tap says, no value comes of it and nothing is handed in."""
    before = told(begun(), "特休")
    step = tapped(before, path)
    assert step.does in ("", "pass")
    assert step.filling.values == before.filling.values


def test_cancel_is_cancel_everywhere() -> None:
    """At a text, a choice, the choice of a field to edit, and the confirmation."""
    whole = told(begun(), *WHOLE)
    for before in (begun(), told(begun(), *WHOLE[:3]), told(whole, "修改"), whole):
        assert told(before, "取消").does == "cancel"


_TEXTS = st.one_of(
    st.sampled_from(
        [
            *WHOLE,
            "明天",
            "下午三點",
            "3",
            "300 元",
            "紅",
            "電池、濾網",
            "送出",
            "修改",
            "略過",
            "確認",
            "好",
            "假別",
            "取消一下",
            "A1",
        ]
    ),
    st.text(max_size=60),
)
_FIELDS = st.sampled_from([field.name for field in (*LEAVE.fields, *EVERYTHING.fields)])
_PATHS = st.one_of(
    st.builds(lambda verb, name: f"{verb}/{name}", st.sampled_from(["ask", "skip", "done", "pick", "set"]), _FIELDS),
    st.sampled_from(
        ["edit", "go", "submit/1", "submit/2", option(LEAVE, "kind", "病假"), option(EVERYTHING, "extras", "電池")]
    ),
    st.text(max_size=30),
)
_ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), _TEXTS, st.just("")),
        st.tuples(st.just("tap"), _PATHS, st.sampled_from(["", "2026-11-30T14:00", "2026-12-01", "25:99", "x"])),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([LEAVE, EVERYTHING]), st.sampled_from(["zh-TW", "en"]), _TEXTS, _ACTS)
def test_no_talk_raises_or_hands_in_what_is_not_valid(
    form: Form, language: str, first: str, acts: Sequence[tuple[str, str, str]]
) -> None:
    """Whatever is said and tapped: every step can be told, and what is handed in is whole and keeps every rule."""
    known = context(language)
    step = steps.begin(form, {}, first, known)
    for act, what, picked in acts:
        said = reply(step, Asking("d1", 1, known), "")
        assert said.text or said.cards
        before = step.filling
        step = taps.step(before, 1, what, picked, known) if act == "tap" else steps.answer(before, what, known)
        if step.does == "hand_in":
            assert values.problems(form, step.filling.given, known) == {}
            assert all(field.optional or field.name in step.filling.given for field in form.fields)
            assert all(
                steps.offered(field, step.filling.given[field.name])
                for field in form.fields
                if field.name in step.filling.given
            )
