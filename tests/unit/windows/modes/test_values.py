"""A field's value: read, shown, kept, and held against the others."""

# ruff: noqa: E501  a line of the tables is one way to write something

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.messages import Language
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form
from bots.windows.modes.numerals import number
from bots.windows.modes.texts import EN, ZH
from bots.windows.modes.values import (
    Context,
    NotUnderstood,
    PersonRef,
    Value,
    computed,
    from_json,
    missing,
    parse,
    problems,
    shown,
    to_json,
    with_choices,
)

ZONE = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 5, 6, 10, 30, tzinfo=ZONE)  # a Wednesday
STAFF = (
    PersonRef("A0108", "王小明"),
    PersonRef("A0201", "王小明"),
    PersonRef("A0300", "陳美麗"),
    PersonRef("A0400", "Amy Lin"),
)


def people(text: str) -> Sequence[PersonRef]:
    """Find people as the table does: by a part of the name, by number, by e-mail."""
    low = text.lower()
    return [
        one for one in STAFF if low in one.name.lower() or low in (one.number.lower(), f"{one.number}@a.tw".lower())
    ]


ZH_CONTEXT = Context(NOW, "zh-TW", people)
EN_CONTEXT = Context(NOW, "en", people)


def field(type_: str = "text", **more: object) -> FieldSpec:
    """A field of that type."""
    return FieldSpec.model_validate({"name": "it", "type": type_, "label": {"zh-TW": "欄位", "en": "Field"}, **more})


LEAVE = field(
    "choice",
    choices=[
        "特休",
        "事假",
        "病假",
        "家庭照顧假",
        {"value": "OT", "label": {"zh-TW": "補休", "en": "Compensatory leave"}},
    ],
)
KIT = field("choices", choices=["筆電", "螢幕", "鍵盤和滑鼠", "門禁卡"])


def refused(spec: FieldSpec, text: str, context: Context = ZH_CONTEXT) -> str:
    """The sentence that a text is refused with."""
    with pytest.raises(NotUnderstood) as caught:
        parse(spec, text, context)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,200", 1200), ("一千二", 1200), ("1.2萬", 12000), ("三百五", 350), ("3萬5", 35000), ("3萬5千", 35000), ("1.5k", 1500), ("十二", 12),
        ("二十五", 25), ("廿五", 25), ("兩", 2), ("兩千三百五十", 2350), ("一千零五十", 1050), ("二〇二六", 2026), ("壹仟貳佰", 1200), ("一萬零二百", 10200),
        ("二十億五千萬", 2_050_000_000), ("１２", 12), ("百", None), ("1,20", None), ("1e9", None), ("3千4000", None), ("abc", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: int | None) -> None:
    """Digits, Chinese numerals and both together; what is no number is none."""
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("３", 3), ("三", 3), ("3個人", 3), ("兩位", 2), ("約 5 人", 5), ("2.5", Decimal("2.5")), ("半小時", Decimal("0.5")),
     ("三個半小時", Decimal("3.5")), ("兩小時半", Decimal("2.5")), ("4.0", 4), ("5 people", 5), ("十二 件", 12)],
)  # fmt: skip
def test_a_number(text: str, value: int | Decimal) -> None:
    """A number may have its counter; it is an int where it is whole."""
    found = parse(field("number"), text, ZH_CONTEXT)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("350", "350"), ("NT$1,200", "1200"), ("1200元", "1200"), ("一千二", "1200"), ("1.2萬", "12000"), ("1200 TWD", "1200"), ("$350", "350"),
     ("三百五十元整", "350"), ("新台幣 3,000 元", "3000"), ("350塊", "350"), ("12k", "12000"), ("99.5", "99.5"), ("NTD 80", "80")],
)  # fmt: skip
def test_money(text: str, value: str) -> None:
    """An amount in New Taiwan dollars, with or without its sign."""
    assert parse(field("money"), text, ZH_CONTEXT) == Decimal(value)


@pytest.mark.parametrize(
    ("spec", "text", "part"),
    [
        (field("number"), "很多", "看不出是多少"),
        (field("number"), "", "還沒有內容"),
        (field("number"), "1e3", "看不出是多少"),
        (field("number"), "9" * 500, "看不出是多少"),
        (field("number"), "-1", "不能是負數"),
        (field("number", min=1, max=20), "0", "至少要 1，您寫的是 0"),
        (field("number", min=1, max=20), "1,234", "最多 20，您寫的是 1,234"),
        (field("money"), "-5", "不能是負數"),
        (field("money"), "負五百", "不能是負數"),
        (field("money"), "1.234", "小數第二位"),
        (field("money"), "USD 30", "只收新台幣"),
        (field("money"), "三十美元", "只收新台幣"),
        (field("money", example="12000"), "很貴", "例如：12000"),
        (field("date"), "2/30", "沒有「2/30」這個日期"),
        (field("date"), "12", "看不出是哪一天。請寫成像這樣：明天"),
        (field("date"), "5/12到5/14", "不只一個日期"),
        (field("time"), "25:00", "沒有「25:00」"),
        (field("time"), "明天三點", "只要時間"),
        (field("datetime"), "14:30", "沒有說是哪一天"),
        (field("datetime"), "有空再說", "看不出是什麼時候"),
        (LEAVE, "產假", "沒有「產假」這個選項。可以選：特休、事假、病假、家庭照顧假、補休"),
        (LEAVE, "假", "請選一個：事假、病假、家庭照顧假"),
        (LEAVE, "6", "沒有「6」這個選項"),
        (LEAVE, "!!", "沒有「!!」這個選項"),
        (KIT, "筆電、沙發", "沒有「沙發」"),
        (field("choice", choices_from="rooms"), "大會議室", "目前沒有可以選的項目"),
        (field("person"), "趙六", "找不到「趙六」"),
        (field("person"), "王小明", "請寫員工編號：王小明（A0108）、王小明（A0201）"),
        (field("file"), "", "還沒有內容"),
        (field("text"), "  ", "還沒有內容"),
        (field("text"), "\u200b\u3000", "還沒有內容"),
        (field("text", longest=10), "一二三四五六七八九十一", "最多 10 個字，現在是 11 個字"),
        (field("text"), "a\x00b", "控制字元"),
        (field("text"), "a\u202eb", "控制字元"),
        (field("text"), "a\ud800b", "控制字元"),
        (field("text", pattern=r"SO-\d{6}", example="SO-123456"), "SO-12", "請寫成像這樣：SO-123456"),
        (field("text", pattern=r"SO-\d{6}"), "xSO-123456", "不符合「欄位」的格式"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_right(spec: FieldSpec, text: str, part: str) -> None:
    """Each sentence says what was wrong and what to write."""
    assert part in refused(spec, text)


@pytest.mark.parametrize(
    ("spec", "text", "part"),
    [(field("date"), "2/30", "There is no date or time “2/30”"), (field("money"), "-5", "“Field” cannot be negative"),
     (LEAVE, "Urlaub", "You can choose: 特休, 事假, 病假, 家庭照顧假, Compensatory leave"), (field("person"), "Bob", "I cannot find “Bob”")],
)  # fmt: skip
def test_it_is_told_in_english_too(spec: FieldSpec, text: str, part: str) -> None:
    """The sentences come in the visitor's language."""
    assert part in refused(spec, text, EN_CONTEXT)


def test_both_languages_have_the_same_sentences() -> None:
    """No sentence is missing in one of them."""
    assert ZH.keys() == EN.keys()


def test_a_hostile_answer_is_quoted_shortly_in_one_line() -> None:
    """A sentence never carries pages or control characters back."""
    sentence = refused(field("date"), "x\r\n\x1b[31m" + "y" * 5000)
    assert len(sentence) < 150
    assert sentence.isprintable()


def test_negative_amounts_are_taken_where_the_file_allows_them() -> None:
    """A min below zero opens the way."""
    assert parse(field("money", min=-100), "-5", ZH_CONTEXT) == -5
    assert parse(field("number", min=-40), "負三", ZH_CONTEXT) == -3


@pytest.mark.parametrize(
    ("text", "value"),
    [("特休", "特休"), ("特", "特休"), ("事", "事假"), ("照顧", "家庭照顧假"), ("1", "特休"), ("第二個", "事假"), ("選3", "病假"), ("OT", "OT"),
     ("ｏｔ", "OT"), ("補休", "OT"), ("补休", "OT"), ("compensatory LEAVE", "OT"), ("comp", "OT"), ("我要請特休", "特休"), ("「病假」", "病假")],
)  # fmt: skip
def test_a_choice(text: str, value: str) -> None:
    """By its value, a label of either language, its place, or a part that only it has."""
    assert parse(LEAVE, text, ZH_CONTEXT) == value


def test_numbers_in_labels_come_before_places() -> None:
    """Where options begin with digits, "1" is the one that does and not the first."""
    assert parse(field("choice", choices=["3樓", "1樓", "2樓"]), "1", ZH_CONTEXT) == "1樓"


@pytest.mark.parametrize(
    ("text", "value"),
    [("筆電、螢幕", ("筆電", "螢幕")), ("筆電和螢幕", ("筆電", "螢幕")), ("1,3", ("筆電", "鍵盤和滑鼠")), ("鍵盤和滑鼠", ("鍵盤和滑鼠",)),
     ("鍵盤和滑鼠、筆電和門禁卡", ("鍵盤和滑鼠", "筆電", "門禁卡")), ("筆電 門禁卡", ("筆電", "門禁卡")), ("筆電，筆電", ("筆電",)),
     ("全部", ("筆電", "螢幕", "鍵盤和滑鼠", "門禁卡")), ("螢幕 and 筆電", ("螢幕", "筆電"))],
)  # fmt: skip
def test_several_choices(text: str, value: tuple[str, ...]) -> None:
    """Separated by commas, spaces or and; an option with an and in it is still one."""
    assert parse(KIT, text, ZH_CONTEXT) == value


def test_choices_come_from_the_rows_of_a_look_up() -> None:
    """The first column is the value, the second the label; empty and repeated rows are passed over."""
    rooms = with_choices(
        field("choice", choices_from="rooms"), [("R1", "大會議室"), ("R2", None), ("", "x"), ("R1", "again"), ()]
    )
    assert [(one.value, one.label_in("zh-TW")) for one in rooms.choices] == [("R1", "大會議室"), ("R2", "R2")]
    assert parse(rooms, "大會議室", ZH_CONTEXT) == "R1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("陳美麗", "A0300"),
        ("美麗", "A0300"),
        ("A0108", "A0108"),
        ("a0108", "A0108"),
        ("A0300@a.tw", "A0300"),
        ("@Amy", "A0400"),
        ("王小明（A0201）", "A0201"),
    ],
)
def test_a_person(text: str, value: str) -> None:
    """By name, employee number or e-mail, or as we show them."""
    assert parse(field("person"), text, ZH_CONTEXT) == value


def test_a_text_is_trimmed_and_composed() -> None:
    """Spaces around it go, lines stay, and an accent becomes part of its letter."""
    assert parse(field("text"), "  e\u0301\r\n第二行 ", ZH_CONTEXT) == "é\n第二行"
    assert parse(field("text"), "👨‍👩‍👧", ZH_CONTEXT) == "👨‍👩‍👧"


def test_a_pattern_that_never_ends_is_given_up() -> None:
    """A regular expression that runs away on a text refuses it instead of stopping the worker."""
    assert "格式" in refused(field("text", pattern=r"(a+)+b"), "a" * 60)


def test_a_file_is_the_reference_it_was_given() -> None:
    """The token is kept as it is, and not shown to people."""
    assert parse(field("file"), "att_1f3c", ZH_CONTEXT) == "att_1f3c"
    assert shown(field("file"), "att_1f3c", "zh-TW") == "已附檔案"


def test_a_time_for_the_end_is_on_the_day_it_began() -> None:
    """Asked for the end, 17:00 is enough, and a day without a year is not before the beginning."""
    ends = field("datetime", after="starts")
    began = Context(NOW, values={"starts": datetime(2026, 2, 26, 9, tzinfo=ZONE)})
    assert parse(ends, "17:00", began) == datetime(2026, 2, 26, 17, tzinfo=ZONE)
    assert parse(ends, "2/27下午", began) == datetime(2026, 2, 27, 18, tzinfo=ZONE)
    assert parse(ends, "明天", ZH_CONTEXT) == datetime(2026, 5, 7, 18, tzinfo=ZONE)


def test_a_field_about_the_past_looks_back() -> None:
    """週五 as the day something happened is last Friday."""
    happened = FieldSpec.model_validate({"name": "on", "type": "date", "label": "發生日"})
    assert parse(happened, "週五", ZH_CONTEXT) == date(2026, 5, 1)
    assert parse(field("date"), "週五", ZH_CONTEXT) == date(2026, 5, 8)


@pytest.mark.parametrize(
    ("spec", "value", "zh", "en"),
    [
        (field("date"), date(2026, 5, 12), "2026-05-12（二）", "2026-05-12 (Tue)"),
        (field("datetime"), datetime(2026, 5, 12, 13, tzinfo=ZONE), "2026-05-12（二）13:00", "2026-05-12 (Tue) 13:00"),
        (field("time"), time(9, 5), "09:05", "09:05"),
        (field("money"), Decimal("1200.50"), "NT$1,200.5", "NT$1,200.5"),
        (field("number"), 2026, "2026", "2026"),
        (LEAVE, "OT", "補休", "Compensatory leave"),
        (KIT, ("筆電", "螢幕"), "筆電、螢幕", "筆電, 螢幕"),
        (field("person"), "A0300", "A0300", "A0300"),
        (field("text"), "搬家", "搬家", "搬家"),
    ],
)
def test_how_values_are_shown(spec: FieldSpec, value: Value, zh: str, en: str) -> None:
    """With weekdays, signs and labels."""
    assert (shown(spec, value, "zh-TW"), shown(spec, value, "en")) == (zh, en)


def test_a_person_is_shown_by_name_where_people_are_known() -> None:
    """王小明（A0108）, not a bare number."""
    assert shown(field("person"), "A0108", "zh-TW", people) == "王小明（A0108）"


_DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
_MINUTES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
_MOMENTS = st.builds(lambda day, moment: datetime.combine(day, moment, ZONE), _DAYS, _MINUTES)
_CENTS = st.decimals(0, 10**12, places=2)
VALUES = st.one_of(
    st.tuples(st.just(field("date")), _DAYS),
    st.tuples(st.just(field("time")), _MINUTES),
    st.tuples(st.just(field("datetime")), _MOMENTS),
    st.tuples(st.just(field("money")), _CENTS),
    st.tuples(st.just(field("number")), st.integers(0, 10**12)),
    st.tuples(st.just(LEAVE), st.sampled_from([option.value for option in LEAVE.choices])),
    st.tuples(
        st.just(KIT), st.lists(st.sampled_from([one.value for one in KIT.choices]), min_size=1, unique=True).map(tuple)
    ),
    st.tuples(
        st.just(field("text")), st.text("ab 中文，。{}<>&'\";", min_size=1, max_size=40).map(str.strip).filter(bool)
    ),
)


@settings(deadline=None)  # the machine may be busy
@given(VALUES)
def test_a_value_survives_being_kept(pair: tuple[FieldSpec, Value]) -> None:
    """What is kept as JSON comes back the same, of the same type."""
    spec, value = pair
    again = from_json(spec, to_json(value))
    assert again == value
    assert type(again) is type(value)


@settings(deadline=None)  # the machine may be busy
@given(VALUES, st.sampled_from(["zh-TW", "en"]))
def test_what_is_shown_can_be_written_again(pair: tuple[FieldSpec, Value], language: Language) -> None:
    """A person may copy what they were shown, and a form what was kept."""
    spec, value = pair
    assert parse(spec, shown(spec, value, language), ZH_CONTEXT) == value
    kept = to_json(value)
    assert parse(spec, "、".join(kept) if isinstance(kept, list) else str(kept), ZH_CONTEXT) == value


@pytest.mark.parametrize(
    ("spec", "kept"),
    [(field("number"), "x"), (field("number"), None), (field("money"), "nan"), (field("money"), [1]), (field("date"), "2026-02-30"),
     (field("date"), 5), (field("datetime"), "soon"), (KIT, "筆電"), (LEAVE, 3), (field("text"), ["a"])],
)  # fmt: skip
def test_what_was_kept_and_does_not_fit_is_refused(spec: FieldSpec, kept: object) -> None:
    """A changed file does not turn old values into wrong ones."""
    with pytest.raises(ValueError):  # noqa: PT011  Python's own, or ours
        from_json(spec, kept)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(["number", "money", "date", "time", "datetime", "person", "text"]), st.text(max_size=80))
def test_only_not_understood_is_ever_raised(kind: str, text: str) -> None:
    """Whatever somebody writes in any field, it is a value or a sentence."""
    spec = field(kind)
    with suppress(NotUnderstood):
        value = parse(spec, text, ZH_CONTEXT)
        assert from_json(spec, to_json(value)) == value


FORM = Form.model_validate(
    {
        "title": "請假單",
        "fields": [
            {"name": "kind", "type": "choice", "label": "假別", "choices": ["特休", "事假"]},
            {"name": "starts", "type": "datetime", "label": "開始"},
            {"name": "ends", "type": "datetime", "label": "結束", "after": "starts"},
            {"name": "out", "type": "date", "label": "出發日", "optional": True, "before": "back"},
            {"name": "back", "type": "date", "label": "回程日", "optional": True},
            {"name": "low", "type": "money", "label": "單價", "optional": True},
            {"name": "high", "type": "money", "label": "總價", "optional": True, "after": "low"},
        ],
        "computed": {"days": "workdays(starts, ends)", "double": "days * 2"},
        "checks": [
            {"when": "kind == '事假' and days > 2", "say": "{kind}一次最多 2 天，這裡是 {days} 天。"},
            {"when": "starts < today()", "say": "{starts} 已經過了。"},
        ],
    }
)


def moment(text: str) -> datetime:
    """A moment in Taipei."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_what_is_missing_is_told_apart_from_what_is_wrong() -> None:
    """An empty form has nothing wrong in it yet."""
    assert problems(FORM, {}, ZH_CONTEXT) == {}
    assert [one.name for one in missing(FORM, {})] == ["kind", "starts", "ends"]


def test_a_moment_has_to_be_later_and_a_day_may_be_the_same() -> None:
    """after and before are strict for moments only."""
    same = {"starts": moment("2026-05-12T09:00"), "ends": moment("2026-05-12T09:00")}
    assert problems(FORM, same, ZH_CONTEXT) == {
        "ends": "「結束」（2026-05-12（二）09:00）必須晚於「開始」（2026-05-12（二）09:00）。"
    }
    day = date(2026, 5, 12)
    assert problems(FORM, {"out": day, "back": day}, ZH_CONTEXT) == {}
    assert "不能晚於「回程日」" in problems(FORM, {"out": date(2026, 5, 13), "back": day}, ZH_CONTEXT)["out"]
    assert "不能小於「單價」" in problems(FORM, {"low": Decimal(9), "high": Decimal(8)}, ZH_CONTEXT)["high"]


def test_computed_values_follow_from_the_fields_and_from_each_other() -> None:
    """What needs a value that is not given is left out."""
    values: dict[str, Value] = {"starts": moment("2026-05-12T13:00"), "ends": moment("2026-05-14T18:00")}
    assert computed(FORM, values, ZH_CONTEXT) == {"days": Decimal("2.5"), "double": 5}
    assert computed(FORM, {}, ZH_CONTEXT) == {}


def test_a_broken_rule_is_told_for_the_form_as_a_whole() -> None:
    """In the file's words, with the values as people see them."""
    values: dict[str, Value] = {
        "kind": "事假",
        "starts": moment("2026-05-04T09:00"),
        "ends": moment("2026-05-06T18:00"),
    }
    told = problems(FORM, values, ZH_CONTEXT)
    assert told == {"": "事假一次最多 2 天，這裡是 3 天。\n2026-05-04（一）09:00 已經過了。"}


@pytest.mark.parametrize(
    "broken", [{"computed": {"days": "1 / amount"}}, {"checks": [{"when": "kind > 3", "say": "x"}]}]
)
def test_a_rule_that_cannot_be_worked_out_keeps_the_form_from_being_taken(broken: dict[str, object]) -> None:
    """Else a missing number of days could skip an approval."""
    fields = [{"name": "amount", "type": "number", "label": "數量"}, {"name": "kind", "label": "種類"}]
    form = Form.model_validate({"title": "單", "fields": fields, **broken})
    assert "規則算不出來" in problems(form, {"amount": 0, "kind": "x"}, ZH_CONTEXT)[""]
    assert computed(form, {"amount": 0, "kind": "x"}, ZH_CONTEXT) == {}
