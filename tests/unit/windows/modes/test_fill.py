"""Values taken out of free text."""

# ruff: noqa: E501  a line of the tables is one thing that somebody says

import time as clock
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.windows.modes.field import FieldSpec
from bots.windows.modes.fill import fill
from bots.windows.modes.values import Context, PersonRef, Value, parse, to_json
from bots.windows.modes.workdays import Calendar

ZONE = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 5, 6, 10, 30, tzinfo=ZONE)  # a Wednesday
STAFF = (
    PersonRef("A0108", "王小明"),
    PersonRef("A0201", "王小明"),
    PersonRef("A0300", "陳美麗"),
    PersonRef("A0400", "Amy Lin"),
)


def people(text: str) -> Sequence[PersonRef]:
    """Find people as the table does."""
    low = text.lower()
    return [
        one for one in STAFF if low in one.name.lower() or low in (one.number.lower(), f"{one.number}@a.tw".lower())
    ]


CONTEXT = Context(NOW, "zh-TW", people)


def fields(*specs: dict[str, object]) -> list[FieldSpec]:
    """Fields of a form."""
    return [FieldSpec.model_validate(spec) for spec in specs]


def choice(name: str, label: str, **options: str) -> dict[str, object]:
    """A choice of options with an English label each."""
    return {
        "name": name,
        "type": "choice",
        "label": label,
        "choices": [{"value": zh, "label": {"zh-TW": zh, "en": en}} for zh, en in options.items()],
    }


LEAVE = fields(
    choice(
        "kind",
        "假別",
        特休="Annual leave",
        事假="Personal leave",
        病假="Sick leave",
        家庭照顧假="Family care leave",
        補休="Compensatory leave",
    ),
    {"name": "starts", "type": "datetime", "label": "開始"},
    {"name": "ends", "type": "datetime", "label": "結束", "after": "starts"},
    {"name": "reason", "label": "事由", "optional": True},
    {"name": "deputy", "type": "person", "label": {"zh-TW": "代理人", "en": "Deputy"}, "optional": True},
)
EXPENSE = fields(
    choice("kind", "費用種類", 計程車="Taxi", 高鐵="High speed rail", 住宿費="Lodging", 餐費="Meals"),
    {"name": "amount", "type": "money", "label": "金額（含稅）", "min": 1},
    {"name": "spent_on", "type": "date", "label": "發生日"},
    {"name": "nights", "type": "number", "label": "住宿晚數", "max": 60},
    {"name": "purpose", "label": "用途"},
)
ROOM = fields(
    choice("room", "會議室", 大會議室="Big meeting room", 小會議室="Small meeting room"),
    {"name": "day", "type": "date", "label": "日期"},
    {"name": "starts", "type": "time", "label": "開始"},
    {"name": "ends", "type": "time", "label": "結束", "after": "starts"},
    {"name": "people", "type": "number", "label": "人數", "optional": True},
)
TRIP = fields(
    {"name": "out", "type": "date", "label": "出發日"},
    {"name": "back", "type": "date", "label": "回程日", "after": "out"},
    {"name": "place", "label": "地點"},
)
REPAIR = fields({"name": "order", "label": "訂單編號", "pattern": r"SO-\d{6}"}, {"name": "what", "label": "問題說明"})
OVERTIME = fields(
    {"name": "day", "type": "date", "label": "加班日"},
    {"name": "hours", "type": "number", "label": "時數"},
    {"name": "why", "label": "原因"},
)
PUNCH = fields({"name": "at", "type": "datetime", "label": "補打卡時間"}, {"name": "why", "label": "原因"})
COLLEAGUE = fields({"name": "who", "type": "person", "label": "同仁"})
FORMS = {
    "leave": LEAVE,
    "expense": EXPENSE,
    "room": ROOM,
    "trip": TRIP,
    "repair": REPAIR,
    "overtime": OVERTIME,
    "punch": PUNCH,
    "colleague": COLLEAGUE,
}


def kept(value: Value) -> object:
    """A value in short: moments without seconds and zone."""
    found = to_json(value)
    return str(found)[:16] if isinstance(value, datetime) else found


@pytest.mark.parametrize(
    ("form", "text", "values"),
    [
        ("leave", "幫我請明天下午的特休", {"kind": "特休", "starts": "2026-05-07T13:00", "ends": "2026-05-07T18:00"}),
        ("leave", "請5/12到5/14事假 因為搬家", {"kind": "事假", "starts": "2026-05-12T09:00", "ends": "2026-05-14T18:00", "reason": "搬家"}),
        ("leave", "因為搬家要請5/12到5/14事假", {"kind": "事假", "starts": "2026-05-12T09:00", "ends": "2026-05-14T18:00", "reason": "搬家"}),
        ("leave", "明天請特休", {"kind": "特休", "starts": "2026-05-07T09:00", "ends": "2026-05-07T18:00"}),
        ("leave", "我要请下周三早上病假", {"kind": "病假", "starts": "2026-05-13T09:00", "ends": "2026-05-13T12:00"}),
        ("leave", "下週一到週三請特休，代理人陳美麗", {"kind": "特休", "starts": "2026-05-11T09:00", "ends": "2026-05-13T18:00", "deputy": "A0300"}),
        ("leave", "我下午請病假", {"kind": "病假", "starts": "2026-05-06T13:00", "ends": "2026-05-06T18:00"}),
        ("leave", "我早上請病假", {"kind": "病假"}),
        ("leave", "明天2點到4點請事假", {"kind": "事假", "starts": "2026-05-07T14:00", "ends": "2026-05-07T16:00"}),
        ("leave", "明天下午兩點請事假", {"kind": "事假", "starts": "2026-05-07T14:00"}),
        ("leave", "明天下午兩點請事假兩小時", {"kind": "事假", "starts": "2026-05-07T14:00", "ends": "2026-05-07T16:00"}),
        ("leave", "明天早上九點到後天下午五點請特休", {"kind": "特休", "starts": "2026-05-07T09:00", "ends": "2026-05-08T17:00"}),
        ("leave", "從下週二開始請事假", {"kind": "事假", "starts": "2026-05-12T09:00"}),
        ("leave", "到5/14都請特休", {"kind": "特休", "ends": "2026-05-14T18:00"}),
        ("leave", "5/12請兩天特休", {"kind": "特休", "starts": "2026-05-12T09:00", "ends": "2026-05-13T18:00"}),
        ("leave", "從明天請兩天特休", {"kind": "特休", "starts": "2026-05-07T09:00", "ends": "2026-05-08T18:00"}),
        ("leave", "週四請三天事假", {"kind": "事假", "starts": "2026-05-07T09:00"}),  # the weekend may count or not
        ("leave", "明天請半天特休", {"kind": "特休"}),  # which half?
        ("leave", "明天下午請半天特休", {"kind": "特休", "starts": "2026-05-07T13:00", "ends": "2026-05-07T18:00"}),
        ("leave", "明天我想請下午的特休", {"kind": "特休", "starts": "2026-05-07T13:00", "ends": "2026-05-07T18:00"}),
        ("leave", "今天想請明天的特休", {"kind": "特休"}),  # two days
        ("leave", "我明天不請特休，請事假", {"kind": "事假", "starts": "2026-05-07T09:00", "ends": "2026-05-07T18:00"}),
        ("leave", "特休或事假 5/12", {"starts": "2026-05-12T09:00", "ends": "2026-05-12T18:00"}),
        ("leave", "請2/30的特休", {"kind": "特休"}),
        ("leave", "後天到明天請特休", {"kind": "特休"}),  # the wrong way round
        ("leave", "幫我請週五補休", {"kind": "補休", "starts": "2026-05-08T09:00", "ends": "2026-05-08T18:00"}),
        ("leave", "5/12(二)下午特休", {"kind": "特休", "starts": "2026-05-12T13:00", "ends": "2026-05-12T18:00"}),
        ("leave", "開始 5/12 9:00 結束 5/13 18:00 病假 事由：看醫生，要回診", {"kind": "病假", "starts": "2026-05-12T09:00", "ends": "2026-05-13T18:00", "reason": "看醫生，要回診"}),
        ("leave", "病假 今天下午三點到六點 due to headache.", {"kind": "病假", "starts": "2026-05-06T15:00", "ends": "2026-05-06T18:00", "reason": "headache"}),
        ("leave", "sick leave tomorrow morning", {"kind": "病假", "starts": "2026-05-07T09:00", "ends": "2026-05-07T12:00"}),
        ("leave", "I want to take Friday off because my kid is ill", {"starts": "2026-05-08T09:00", "ends": "2026-05-08T18:00", "reason": "my kid is ill"}),
        ("leave", "Family care leave from May 12 to May 14, deputy: Amy Lin", {"kind": "家庭照顧假", "starts": "2026-05-12T09:00", "ends": "2026-05-14T18:00", "deputy": "A0400"}),
        ("leave", "特休明天，職務代理人 A0300", {"kind": "特休", "starts": "2026-05-07T09:00", "ends": "2026-05-07T18:00", "deputy": "A0300"}),
        ("leave", "代理人：王小明", {}),  # there are two
        ("leave", "我要請假", {}),
        ("leave", "我想知道請假要怎麼請", {}),
        ("expense", "報帳 計程車 350元", {"kind": "計程車", "amount": "350"}),
        ("expense", "報帳 計程車 350", {"kind": "計程車", "amount": "350"}),
        ("expense", "報昨天的高鐵 NT$1,490", {"kind": "高鐵", "amount": "1490", "spent_on": "2026-05-05"}),
        ("expense", "4/28住宿費兩千三百元 2晚", {"kind": "住宿費", "amount": "2300", "spent_on": "2026-04-28", "nights": 2}),
        ("expense", "餐費 1.2萬", {"kind": "餐費", "amount": "12000"}),
        ("expense", "金額500 餐費 用途：客戶午餐", {"kind": "餐費", "amount": "500", "purpose": "客戶午餐"}),
        ("expense", "週五的計程車 300元", {"kind": "計程車", "amount": "300", "spent_on": "2026-05-01"}),
        ("expense", "計程車 USD 30", {"kind": "計程車"}),
        ("expense", "計程車 300元 餐費 200元", {}),
        ("room", "book the big meeting room tomorrow 2pm to 4pm", {"room": "大會議室", "day": "2026-05-07", "starts": "14:00:00", "ends": "16:00:00"}),
        ("room", "明天幫我訂下午兩點到四點的大會議室 8個人", {"room": "大會議室", "day": "2026-05-07", "starts": "14:00:00", "ends": "16:00:00", "people": 8}),
        ("room", "訂小會議室 5/12 14:00-16:00", {"room": "小會議室", "day": "2026-05-12", "starts": "14:00:00", "ends": "16:00:00"}),
        ("room", "幫我訂一個會議室", {}),
        ("room", "預約3號會議室", {}),
        ("trip", "5/12-5/14出差", {"out": "2026-05-12", "back": "2026-05-14"}),
        ("trip", "12/30到1/2去高雄", {"out": "2026-12-30", "back": "2027-01-02"}),
        ("trip", "地點：台南\n明天出發", {"out": "2026-05-07", "back": "2026-05-07", "place": "台南"}),
        ("repair", "訂單SO-123456還沒到", {"order": "SO-123456"}),
        ("repair", "so-123456 壞了，問題說明：螢幕破", {"order": "SO-123456", "what": "螢幕破"}),
        ("repair", "SO-123456 和 SO-654321 都沒到", {}),
        ("overtime", "明天加班三小時 因為趕出貨", {"day": "2026-05-07", "hours": 3, "why": "趕出貨"}),
        ("overtime", "今晚加班2.5小時", {"day": "2026-05-06", "hours": "2.5"}),
        ("overtime", "5/4加班三小時", {"day": "2026-05-04", "hours": 3}),
        ("punch", "補5/4早上9點的卡，因為忘了", {"at": "2026-05-04T09:00", "why": "忘了"}),
        ("punch", "昨天下班忘記打卡 18:05", {"at": "2026-05-05T18:05"}),
        ("punch", "昨天早上忘記打卡", {}),
        ("leave", "明天晚上請事假", {"kind": "事假"}),  # an evening has no hours of its own
        ("leave", "開始：5/12 結束：5/13", {"starts": "2026-05-12T09:00", "ends": "2026-05-13T18:00"}),
        ("room", "週五下午大會議室", {"room": "大會議室", "day": "2026-05-08", "starts": "13:00:00", "ends": "18:00:00"}),
        ("colleague", "我想知道陳美麗的分機", {"who": "A0300"}),
        ("colleague", "Amy Lin's extension", {"who": "A0400"}),
        ("colleague", "a0108@a.tw 是誰", {"who": "A0108"}),
        ("colleague", "公司的電話", {}),
    ],
)  # fmt: skip
def test_what_a_sentence_says(form: str, text: str, values: dict[str, object]) -> None:
    """Everything that is certain, and nothing else."""
    assert {name: kept(value) for name, value in fill(FORMS[form], text, CONTEXT).items()} == values


def test_only_the_fields_asked_for_are_filled() -> None:
    """An end alone takes the end of a range, and the day that the beginning has."""
    began = Context(NOW, values={"starts": datetime(2026, 5, 12, 9, tzinfo=ZONE)})
    ends = [field for field in LEAVE if field.name == "ends"]
    assert fill(ends, "到下午五點", began) == {"ends": datetime(2026, 5, 12, 17, tzinfo=ZONE)}
    assert fill([], "明天請特休", CONTEXT) == {}


def test_a_number_of_days_over_a_holiday_says_no_last_day() -> None:
    """As over a weekend: the holiday may count or not. Over a Saturday of work it is certain."""
    text, off, works = "明天請三天特休", date(2026, 5, 7), date(2026, 5, 9)
    assert "ends" not in fill(LEAVE, "明天請兩天特休", replace(CONTEXT, calendar=Calendar(off=frozenset({off}))))
    assert "ends" not in fill(LEAVE, text, CONTEXT)
    ends = fill(LEAVE, text, replace(CONTEXT, calendar=Calendar(works=frozenset({works}))))["ends"]
    assert ends == datetime(2026, 5, 9, 18, tzinfo=ZONE)


_WORDS = [
    "明天",
    "後天",
    "下週三",
    "下午",
    "到",
    "5/12",
    "5/14",
    "2/30",
    "9:00",
    "兩點",
    "特休",
    "事假",
    "不請",
    "因為",
    "搬家",
    "代理人",
    "陳美麗",
    "A0108",
    "事由：",
    "350元",
    "3個人",
    "兩天",
    "三小時",
    "半天",
    "SO-123456",
    "tomorrow",
    "2pm",
    "to",
    "May",
    "because",
    "金額",
    "-",
    "~",
    "，",
    "。",
    "\n",
    "\x00",
    "{",
    "}",
    "大會議室",
    "計程車",
    "補",
]
_TALK = st.lists(st.sampled_from(_WORDS) | st.text(max_size=6), max_size=14).map("".join)


@settings(deadline=None)  # the machine may be busy
@given(st.sampled_from(sorted(FORMS)), _TALK)
def test_whatever_is_said_nothing_is_raised_and_all_that_is_filled_would_be_taken(form: str, text: str) -> None:
    """Each value is one that parse takes as an answer too."""
    found = fill(FORMS[form], text, CONTEXT)
    specs = {field.name: field for field in FORMS[form]}
    for name, value in found.items():
        assert parse(specs[name], str(to_json(value)), CONTEXT) == value


_LONG = ["1" * 2000, "1/" * 1000, "一" * 2000, "十年十月" * 500, "friday " * 280, "5/12到" * 400, " " * 2000, "1,111" * 400, "nt$" * 660, "a@" * 1000,
         "事由" * 1000, "事由：" * 660, "因為" * 1000, "一點" * 1000, "1萬" * 1000, "\0" * 2000, "代理人" * 660, "特休" * 1000, "各位好，下週家裡搬家，想請5月12日下午到5月14日的特休，代理人陳美麗。" * 50]  # fmt: skip


@pytest.mark.parametrize("text", _LONG)
def test_long_and_hostile_texts_are_read_in_no_time(text: str) -> None:
    """No pattern goes through a text over and over, in filling or in reading an answer."""
    every = [field for form in FORMS.values() for field in form]
    fill(every, "12 May", CONTEXT)  # dateparser loads its words once
    begin = clock.process_time()
    fill(list({field.name: field for field in every}.values()), text, CONTEXT)
    assert clock.process_time() - begin < 1
