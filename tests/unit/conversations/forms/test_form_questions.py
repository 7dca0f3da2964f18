"""What a form in progress says, within what every platform can carry."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.conversations.forms.samples import EVERYTHING, LEAVE, NOW, context

from bots.conversations.forms import steps, taps
from bots.conversations.forms.handing_in import summary
from bots.conversations.forms.known import Known, freeze, thaw
from bots.conversations.forms.questions import Asking, reply, view
from bots.conversations.forms.steps import Filling, Step
from bots.messages import Reply
from bots.windows.model import Window
from bots.windows.modes.form import Form

FILLED: dict[str, Any] = {
    "words": "文字",
    "count": 3,
    "price": None,
    "color": "藍",
    "extras": ("電池", "提把"),
    "day": NOW.date(),
    "until": None,
    "hour": None,
    "who": "A2",
    "photo": None,
}
WINDOW = Window.model_validate(
    {
        "name": "hr",
        "department": "人",
        "title": "人資",
        "serves": ["employees"],
        "file": "hr.yaml",
        "knowledge_lines": (),
    }
)


def said(filling: Filling, wrong: str = "", language: str = "zh-TW") -> Reply:
    return reply(Step(filling, wrong=wrong), Asking("0123456789ab", 7, context(language), "人資窗口"))


def form(**fields: Any) -> Form:
    return Form.model_validate({"title": "表單", "fields": [{"name": "one", "label": "一", **fields}]})


def test_every_field_is_asked_for_in_both_languages_within_limits() -> None:
    """Each kind of field has its question, at most 13 taps, short data, and a way out."""
    for one in EVERYTHING.fields:
        for language in ("zh-TW", "en"):
            asked = said(Filling(EVERYTHING, FILLED, one.name), language=language)
            assert one.label_in("zh-TW") in asked.text
            assert len(asked.choices) <= 13
            assert all(len(tap.data) <= 300 for tap in asked.choices)
            assert asked.choices[-1].data.endswith("/cancel")
            assert bool([tap for tap in asked.choices if tap.data.endswith(f"/skip/{one.name}")]) == (
                one.optional and FILLED[one.name] is None
            )


def test_many_and_long_options_fit() -> None:
    """Of forty options eleven are taps and the others are named; however long a value is, its tap is short."""
    options = ["長" * 1_000, *(f"選項{number}" for number in range(1, 40))]
    long = form(type="choice", choices=options)
    asked = said(Filling(long, {}, "one"))
    assert len(asked.choices) == 12
    assert max(len(tap.data) for tap in asked.choices) < 100
    assert "選項39" in asked.text
    path = asked.choices[0].data.partition("/")[2]
    step = taps.step(Filling(long, {}, "one"), 1, path, "", context())
    assert step.filling.values["one"] == "長" * 1_000


def test_the_confirmation_shows_everything_and_hands_in_what_it_shows() -> None:
    """All values, those left out too, and a tap that names the revision that is shown."""
    whole = said(Filling(EVERYTHING, FILLED))
    card = whole.cards[0]
    assert [line.split("：")[0] for line in card.text.split("\n")] == [
        one.label_in("zh-TW") for one in EVERYTHING.fields
    ]
    assert "電池、提把" in card.text
    assert "葉佳蓉" in card.text
    assert "（未填）" in card.text
    assert [tap.data for tap in card.choices] == [
        f"fill=0123456789ab/{path}" for path in ("submit/7", "edit", "cancel")
    ]


def test_a_long_confirmation_stands_in_the_text() -> None:
    """A card holds little; what does not fit there is shown above it, so that nothing is confirmed unseen."""
    whole = said(Filling(EVERYTHING, {**FILLED, "words": "字" * 290}))
    assert "字" * 290 in whole.text
    assert len(whole.cards[0].text) < 50
    assert whole.cards[0].choices[0].style == "primary"


def test_what_is_wrong_comes_first_with_a_way_to_another_field() -> None:
    """The sentence, then the question with an example, and a tap to change what the value is wrong beside."""
    asked = said(Filling(form(type="number", example="3"), {}, "one"), wrong="這不是數字。")
    assert asked.text.startswith("這不是數字。\n")
    assert "例如：3" in asked.text
    again = said(Filling(LEAVE, {"kind": "特休"}, "starts"), wrong="太早了。")
    assert any(tap.data.endswith("/edit") for tap in again.choices)


def test_a_form_to_fill_in_at_once_has_what_is_known() -> None:
    """Values as input fields hold them: moments as ISO 8601, options by value, people by name and number."""
    shown = view("hr", "everything", Filling(EVERYTHING, FILLED), context())
    values = {field.name: field.value for field in shown.fields}
    assert shown.name == "hr/everything"
    assert (values["day"], values["extras"], values["who"]) == ("2026-11-29", "電池、提把", "葉佳蓉（A2）")
    assert (values["price"], values["color"], values["count"]) == ("", "藍", "3")
    assert [field.kind for field in shown.fields] == [field.type for field in EVERYTHING.fields]


def test_values_are_kept_and_read_back() -> None:
    """As JSON and back nothing changes; what does not fit a changed form is left out."""
    assert thaw(EVERYTHING, freeze(FILLED)) == FILLED
    assert thaw(EVERYTHING, {"day": "no date", "count": ["x"], "ghost": 1, "words": "a"}) == {"words": "a"}


def test_a_summary_is_one_line() -> None:
    """As the file says it, else the first three fields; line ends and braces in values mean nothing."""
    values = {"one": "a\nb", "two": "{one}", "three": "c", "four": "d"}
    plain = Form.model_validate({"title": "t", "fields": [{"name": name, "label": name} for name in values]})
    assert summary(plain, values, "zh-TW") == "a b、{one}、c"
    assert summary(plain.model_copy(update={"summary": "{two} of {four}"}), values, "en") == "{one} of d"
    assert len(summary(plain, {**values, "one": "長" * 900}, "zh-TW")) == 200


class _Looks:
    """A table of one row that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def options(self, window: Window, name: str, person: str | None) -> list[tuple[str, str]]:
        self.asked.append(name)
        return [("C1", "消防"), ("C2", "急救")]

    def defaults(self, window: Window, name: str, person: str | None) -> dict[str, str]:
        self.asked.append(name)
        return {"extension": "1234", "empty": ""}


def test_look_ups_are_made_once_and_empty_columns_are_no_defaults() -> None:
    """Two fields share a look-up; a column that is empty, or not there, leaves its field to be asked."""
    fields = [
        {"name": "a", "label": "a", "type": "choice", "choices_from": "courses"},
        {"name": "b", "label": "b", "type": "choice", "choices_from": "courses"},
        {"name": "c", "label": "c", "defaults_from": "me", "default": "分機 {extension}"},
        {"name": "d", "label": "d", "defaults_from": "me", "default": "{empty}"},
        {"name": "e", "label": "e", "defaults_from": "me", "default": "{nothing}"},
        {"name": "f", "label": "f", "type": "date", "default": "今天"},
        {"name": "g", "label": "g", "type": "number", "default": "many"},
    ]
    looks = _Looks()
    known = Known(looks, WINDOW, "A1")
    made = known.form(Form.model_validate({"title": "t", "fields": fields}))
    assert [option.value for option in made.fields[0].choices] == ["C1", "C2"]
    assert known.defaults(made, context()) == {"c": "分機 1234", "f": NOW.date()}
    assert looks.asked == ["courses", "me"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_no_value_breaks_what_is_said(words: str, wrong: str) -> None:
    """Whatever a value or a sentence holds, the question and the confirmation can be told."""
    filling = Filling(EVERYTHING, {**FILLED, "words": words})
    assert said(filling, wrong).cards
    assert said(Filling(EVERYTHING, filling.values, "words"), wrong).text
    assert steps.settle(filling, context()).does == ""
