"""Dates and times, as people in Taiwan and in English write them."""

# ruff: noqa: E501  a line of the tables is one way to write something

import time as clock
from contextlib import suppress
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.windows.modes.dates import NoMoment, find, looks_back, read_date, read_datetime, read_time
from bots.windows.modes.moments import Frame, Moment, Point

ZONE = ZoneInfo("Asia/Taipei")
NOW = datetime(2026, 5, 6, 10, 30, tzinfo=ZONE)  # a Wednesday


def at(text: str) -> datetime:
    """A moment in Taipei."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def said(point: Point) -> str:
    """A point in one line: day, begin, and end where it differs."""
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in (point.begin, point.end) if minute is not None]
    return " ".join(part for part in (str(point.day or ""), "-".join(dict.fromkeys(times))) if part)


def only(text: str, **frame: object) -> Moment:
    """The one moment in the text."""
    (moment,) = find(text, Frame(NOW.date(), **frame)).moments  # type: ignore[arg-type]
    return moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-05-06"),
        ("今日", "2026-05-06"),
        ("明天", "2026-05-07"),
        ("明日", "2026-05-07"),
        ("後天", "2026-05-08"),
        ("后天", "2026-05-08"),
        ("大後天", "2026-05-09"),
        ("昨天", "2026-05-05"),
        ("前天", "2026-05-04"),
        ("下週三", "2026-05-13"),
        ("下周三", "2026-05-13"),
        ("下星期三", "2026-05-13"),
        ("下禮拜三", "2026-05-13"),
        ("下個星期天", "2026-05-17"),
        ("下下週一", "2026-05-18"),
        ("這週五", "2026-05-08"),
        ("這週一", "2026-05-04"),
        ("週五", "2026-05-08"),
        ("週三", "2026-05-06"),
        ("禮拜一", "2026-05-11"),
        ("星期日", "2026-05-10"),
        ("上週五", "2026-05-01"),
        ("下個月5號", "2026-06-05"),
        ("下個月 10 號", "2026-06-10"),
        ("這個月二十號", "2026-05-20"),
        ("上個月28號", "2026-04-28"),
        ("5號", "2026-06-05"),
        ("15號", "2026-05-15"),
        ("十二號", "2026-05-12"),
        ("14日", "2026-05-14"),
        ("31號", "2026-05-31"),
        ("5/12", "2026-05-12"),
        ("5/12號", "2026-05-12"),
        ("５／１２", "2026-05-12"),
        ("5月12日", "2026-05-12"),
        ("5月12號", "2026-05-12"),
        ("5 月 12 日", "2026-05-12"),
        ("五月十二日", "2026-05-12"),
        ("五月十二", "2026-05-12"),
        ("十二月二十五日", "2026-12-25"),
        ("十二月廿五", "2026-12-25"),
        ("2026-05-12", "2026-05-12"),
        ("2026/5/12", "2026-05-12"),
        ("2026.05.12", "2026-05-12"),
        ("2026年5月12日", "2026-05-12"),
        ("二〇二六年五月十二日", "2026-05-12"),
        ("西元2026年5月12日", "2026-05-12"),
        ("20260512", "2026-05-12"),
        ("民國115年5月12日", "2026-05-12"),
        ("民國 115 年 5 月 12 日", "2026-05-12"),
        ("民國一百一十五年五月十二日", "2026-05-12"),
        ("民國99/5/12", "2010-05-12"),
        ("115年5月12日", "2026-05-12"),
        ("115/5/12", "2026-05-12"),
        ("115.05.12", "2026-05-12"),
        ("115-05-12", "2026-05-12"),
        ("1150512", "2026-05-12"),
        ("5/12/2026", "2026-05-12"),
        ("25/12/2026", "2026-12-25"),
        ("今年12/25", "2026-12-25"),
        ("明年1月5日", "2027-01-05"),
        ("月底", "2026-05-31"),
        ("下個月底", "2026-06-30"),
        ("2月底", "2027-02-28"),
        ("年底", "2026-12-31"),
        ("三天後", "2026-05-09"),
        ("3天之後", "2026-05-09"),
        ("兩週後", "2026-05-20"),
        ("一個月後", "2026-06-06"),
        ("5/12（二）", "2026-05-12"),
        ("5/12 星期二", "2026-05-12"),
        ("下週三(5/13)", "2026-05-13"),
        ("就明天好了", "2026-05-07"),
        ("明天吧", "2026-05-07"),
        ("明天下午", "2026-05-07"),
        ("現在", "2026-05-06"),
        ("today", "2026-05-06"),
        ("Tomorrow", "2026-05-07"),
        ("tmr", "2026-05-07"),
        ("the day after tomorrow", "2026-05-08"),
        ("yesterday", "2026-05-05"),
        ("Friday", "2026-05-08"),
        ("on Fri", "2026-05-08"),
        ("next Wednesday", "2026-05-13"),
        ("Wednesday next week", "2026-05-13"),
        ("this Monday", "2026-05-04"),
        ("last Friday", "2026-05-01"),
        ("12 May", "2026-05-12"),
        ("12th of May", "2026-05-12"),
        ("May 12", "2026-05-12"),
        ("May 12th, 2027", "2027-05-12"),
        ("Tue, 12 May", "2026-05-12"),
        ("in 3 days", "2026-05-09"),
        ("two weeks from now", "2026-05-20"),
        ("end of next month", "2026-06-30"),
        ("tomorrow please", "2026-05-07"),
    ],
)
def test_a_day(text: str, day: str) -> None:
    """A day is understood however it is written."""
    assert read_date(text, NOW) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5/4", "2026-05-04"),
        ("4月28日", "2026-04-28"),
        ("3/7", "2026-03-07"),
        ("3/6", "2027-03-06"),
        ("1/2", "2027-01-02"),
    ],
)
def test_a_day_without_its_year_is_the_one_of_the_last_sixty_days_or_the_next(text: str, day: str) -> None:
    """Two days after 5/4 nobody means the one of next year."""
    assert read_date(text, NOW) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "day"), [("週五", "2026-05-01"), ("週三", "2026-05-06"), ("5號", "2026-05-05"), ("20號", "2026-04-20")]
)
def test_where_something_past_is_meant_weekdays_and_days_of_the_month_have_been(text: str, day: str) -> None:
    """週五 of a missed clock-in is last Friday."""
    assert read_date(text, NOW, past=True) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("補打卡日期", True),
        ("我要補5/4的卡", True),
        ("昨天", True),
        ("發生日", True),
        ("請週五補休", False),
        ("補班日", False),
        ("需求日", False),
    ],
)
def test_words_that_speak_of_the_past(text: str, back: bool) -> None:
    """補打卡 looks back, 補休 does not."""
    assert looks_back(text) is back


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2/30", "no_such_day"),
        ("13/5", "no_such_day"),
        ("2/29", "no_such_day"),
        ("2026-02-29", "no_such_day"),
        ("民國115年2月30日", "no_such_day"),
        ("1150230", "no_such_day"),
        ("Feb 30", "no_such_day"),
        ("5/12（三）", "no_such_day"),
        ("Monday, 12 May", "no_such_day"),
        ("下週三(5/14)", "no_such_day"),
        ("12", "no_date"),
        ("五", "no_date"),
        ("1.5", "no_date"),
        ("may", "no_date"),
        ("march", "no_date"),
        ("second", "no_date"),
        ("a", "no_date"),
        ("哈哈", "no_date"),
        ("拜託", "no_date"),
        ("下週", "no_date"),
        ("每週一", "no_date"),
        ("三小時", "no_date"),
        ("明天我要去看醫生", "no_date"),
        ("", "no_date"),
        ("5/12到5/14", "two_days"),
        ("明天或後天", "two_days"),
        ("下午三點", "no_day"),
    ],
)
def test_what_is_no_day_is_refused(text: str, reason: str) -> None:
    """There is no 2/30, and a bare number or word is not guessed at."""
    with pytest.raises(NoMoment) as caught:
        read_date(text, NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("14:30", "14:30"),
        ("1４：3０", "14:30"),
        ("9:00", "09:00"),
        ("2:30", "14:30"),
        ("02:30", "02:30"),
        ("九點", "09:00"),
        ("早上九點", "09:00"),
        ("三點", "15:00"),
        ("下午三點", "15:00"),
        ("下午兩點半", "14:30"),
        ("下午3點15分", "15:15"),
        ("下午三點四十五", "15:45"),
        ("三點一刻", "15:15"),
        ("15時30分", "15:30"),
        ("中午", "12:00"),
        ("中午12點半", "12:30"),
        ("中午一點", "13:00"),
        ("晚上8點", "20:00"),
        ("晚上12點", "00:00"),
        ("凌晨兩點", "02:00"),
        ("半夜12點", "00:00"),
        ("下午", "13:00"),
        ("上午", "09:00"),
        ("下午14:30", "14:30"),
        ("noon", "12:00"),
        ("2pm", "14:00"),
        ("2:30 p.m.", "14:30"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("3 o'clock", "15:00"),
        ("at 4", "16:00"),
        ("現在", "10:30"),
        ("13:00:00", "13:00"),
    ],
)
def test_a_time_of_day(text: str, moment: str) -> None:
    """A time is understood however it is written; up to six o'clock it is afternoon unless something says otherwise."""
    assert read_time(text, NOW) == time.fromisoformat(moment)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("25:00", "no_such_day"), ("9:75", "no_such_day"), ("上午14:30", "no_such_day"), ("12", "no_date"), ("快一點", "no_date"),
     ("明天三點", "only_time"), ("三點到五點", "two_times")],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str, reason: str) -> None:
    """There is no 25:00, and 快一點 is no one o'clock."""
    with pytest.raises(NoMoment) as caught:
        read_time(text, NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("明天", "2026-05-07T09:00"),
        ("明天下午", "2026-05-07T13:00"),
        ("明天下午兩點半", "2026-05-07T14:30"),
        ("明早9點半", "2026-05-07T09:30"),
        ("今晚8點", "2026-05-06T20:00"),
        ("5/12 9:00", "2026-05-12T09:00"),
        ("9:00 5/12", "2026-05-12T09:00"),
        ("5/12 24:00", "2026-05-13T00:00"),
        ("5/12星期二下午三點", "2026-05-12T15:00"),
        ("2026-05-12T13:00", "2026-05-12T13:00"),
        ("2026-05-12 13:00", "2026-05-12T13:00"),
        ("2026-05-12T05:00:00Z", "2026-05-12T13:00"),
        ("民國115年5月12日 14:30", "2026-05-12T14:30"),
        ("May 12 2pm", "2026-05-12T14:00"),
        ("tomorrow at 3", "2026-05-07T15:00"),
        ("tomorrow afternoon", "2026-05-07T13:00"),
        ("tonight at 8", "2026-05-06T20:00"),
        ("next Wednesday, 9:30am", "2026-05-13T09:30"),
        ("現在", "2026-05-06T10:30"),
        ("兩小時後", "2026-05-06T12:30"),
        ("半小時後", "2026-05-06T11:00"),
    ],
)
def test_a_moment(text: str, moment: str) -> None:
    """A day with a time, in the company's zone; a day alone is the beginning of the working day."""
    assert read_datetime(text, NOW) == at(moment)


def test_where_something_ends_the_end_of_a_day_or_part_is_meant() -> None:
    """明天下午 ends at six."""
    assert read_datetime("明天下午", NOW, ends=True) == at("2026-05-07T18:00")
    assert read_datetime("明天上午", NOW, ends=True) == at("2026-05-07T12:00")
    assert read_datetime("明天", NOW, ends=True) == at("2026-05-07T18:00")
    assert read_datetime("17:00", NOW, ends=True, beside=date(2026, 5, 12)) == at("2026-05-12T17:00")
    assert read_datetime("1/2", NOW, ends=True, beside=date(2026, 12, 30)) == at("2027-01-02T18:00")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("明天到後天", "2026-05-07", "2026-05-08"),
        ("5/12-5/14", "2026-05-12", "2026-05-14"),
        ("從5/12到5/14", "2026-05-12", "2026-05-14"),
        ("自5/12起至5/14止", "2026-05-12", "2026-05-14"),
        ("5/12~14", "2026-05-12", "2026-05-14"),
        ("5月12日到14日", "2026-05-12", "2026-05-14"),
        ("5月12到14號", "2026-05-12", "2026-05-14"),
        ("12到14號", "2026-05-12", "2026-05-14"),
        ("12/30到1/2", "2026-12-30", "2027-01-02"),
        ("週三到週五", "2026-05-06", "2026-05-08"),
        ("下週一到週三", "2026-05-11", "2026-05-13"),
        ("明後天", "2026-05-07", "2026-05-08"),
        ("今明兩天", "2026-05-06", "2026-05-07"),
        ("12-14 May", "2026-05-12", "2026-05-14"),
        ("May 12 to May 14", "2026-05-12", "2026-05-14"),
        ("from Monday to Friday", "2026-05-11", "2026-05-15"),
        ("下午3點到5點", "15:00", "17:00"),
        ("下午2-4點", "14:00", "16:00"),
        ("2點到下午4點", "14:00", "16:00"),
        ("早上9點到5點", "09:00", "17:00"),
        ("9點到12點", "09:00", "12:00"),
        ("11點到1點", "11:00", "13:00"),
        ("14:00-16:00", "14:00", "16:00"),
        ("2-4pm", "14:00", "16:00"),
        ("10am to 2pm", "10:00", "14:00"),
        ("晚上10點到凌晨2點", "22:00", "26:00"),
        ("明天9:00-18:00", "2026-05-07 09:00", "2026-05-07 18:00"),
        ("明天下午2-4點", "2026-05-07 14:00", "2026-05-07 16:00"),
        ("5/12 09:00 ~ 5/14 18:00", "2026-05-12 09:00", "2026-05-14 18:00"),
        ("5/12下午到5/14上午", "2026-05-12 13:00-18:00", "2026-05-14 09:00-12:00"),
        ("明天下午2點到後天中午", "2026-05-07 14:00", "2026-05-08 12:00"),
        ("tomorrow 2pm to 4pm", "2026-05-07 14:00", "2026-05-07 16:00"),
        ("2pm to 4pm tomorrow", "2026-05-07 14:00", "2026-05-07 16:00"),
        ("between 2pm and 4pm on Friday", "2026-05-08 14:00", "2026-05-08 16:00"),
    ],
)
def test_a_range(text: str, first: str, last: str) -> None:
    """A range has both ends; the second takes from the first what it does not say."""
    moment = only(text)
    assert not moment.wrong
    assert (said(moment.first), said(moment.end)) == (first, last)


@pytest.mark.parametrize(
    ("text", "days", "minutes"),
    [("兩天", 2, None), ("3天", 3, None), ("半天", 0.5, None), ("一天半", 1.5, None), ("三小時", None, 180), ("1.5小時", None, 90),
     ("兩個半小時", None, 150), ("30分鐘", None, 30), ("兩週", 14, None), ("half a day", 0.5, None), ("2 hours", None, 120)],
)  # fmt: skip
def test_a_length_of_time(text: str, days: float | None, minutes: float | None) -> None:
    """兩天 is a length and no date."""
    found = find(text, Frame(NOW.date()))
    assert not found.moments
    assert (found.lengths[0].length.days, found.lengths[0].length.minutes) == (days, minutes)


@pytest.mark.parametrize(
    "text",
    [
        "3號會議室",
        "第5號",
        "24小時",
        "每週一",
        "快一點",
        "有兩點要說明",
        "12月3人",
        "A-12號",
        "192.168.1.1",
        "版本2.10",
    ],
)
def test_what_only_looks_like_a_date_is_left(text: str) -> None:
    """3號會議室 is a room."""
    assert not find(text, Frame(NOW.date())).moments


def test_the_place_in_the_text_is_told() -> None:
    """What was found can be taken out of the text, full width or not."""
    text = "幫我請５／１２下午的特休"
    moment = only(text)
    assert text[moment.start : moment.stop] == "５／１２下午"


def test_from_and_until_are_one_end_only() -> None:
    """明天起 has no end, and 到5/14 no beginning."""
    assert only("明天起").only_first
    assert only("from Friday").only_first
    assert only("到5/14").only_last
    assert only("5/14前").only_last
    assert not only("5/12到5/14").only_last


@settings(deadline=None)  # the machine may be busy
@given(
    st.text(alphabet="0123456789/-.:年月日號週下上午點半到明後天星期一二三十兩 amp~tofridymnhe個小時（）", max_size=60)
)
def test_no_text_is_too_odd(text: str) -> None:
    """Whatever is written, it is a date or it is refused; nothing else is raised."""
    find(text, Frame(NOW.date()))
    for read in (read_date, read_time, read_datetime):
        with suppress(NoMoment):
            read(text, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 2000,
        "1/" * 1000,
        "一" * 2000,
        "十年十月" * 500,
        "friday " * 280,
        "5/12到" * 400,
        " " * 2000,
        "1:1" * 660,
        "點" * 2000,
    ],
)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    """No pattern goes through a text over and over."""
    find("12 May 明天", Frame(NOW.date()))  # dateparser loads its words once
    begin = clock.process_time()
    find(text, Frame(NOW.date()))
    assert clock.process_time() - begin < 0.5
