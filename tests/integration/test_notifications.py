"""Notifications from their schedule or order to the message, the answer and the reminder."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from acceptance.command import Command, write_window
from integration.talking import BOSS, CLERK_OF_HR, FANG, PEOPLE, Talk, event, line_person, slack_person
from integration.telling import (
    BOSS_ON_SLACK,
    CLOCK_IN,
    GUEST,
    ON_LINE,
    ON_SLACK,
    TAIPEI,
    Telling,
    taps,
)

from bots.conversations import notices
from bots.conversations.notifications import store
from bots.conversations.notifications.recipients import store as recipients
from bots.conversations.notifications.scheduler import Scheduler
from bots.conversations.notifications.telling import AT_ONCE, BATCH, FEW, Teller, event_prefix
from bots.conversations.people.store import replace_people
from bots.conversations.queue import Queue
from bots.errors import NotServed
from bots.messages import Delivery, Kind
from bots.ports import Accepted, ConfirmationOrder, NotifyOrder, Refused
from bots.windows.modes.workdays import WEEKDAYS, Calendar
from rag_core.database import Database


@pytest.fixture
def telling(talk: Talk) -> Telling:
    return Telling(talk)


def clocked_in(telling: Telling) -> str:
    """Tell the reminder of a morning; return its run."""
    telling.tick("2026-11-27T08:40")
    telling.tick("2026-11-27T08:50")
    telling.sweep()
    return telling.run("clock_in")


# --- schedules ---


def test_what_is_due_is_told_once_with_buttons(telling: Telling) -> None:
    """Everybody in the group, each where they are reached; who has no account is counted. The buttons say what for."""
    run = clocked_in(telling)
    assert telling.states(run) == {BOSS: "unreachable", CLERK_OF_HR: "told", FANG: "told"}
    for courier in (telling.talk.line, telling.talk.slack):
        (delivery,) = courier.arrived
        assert (delivery.reply.text, delivery.reply.cards[0].title) == (CLOCK_IN.text, "打卡提醒")
        assert taps(delivery.reply) == [f"note={run}/0", "form=hr/leave", f"note={run}/2"]
    assert all(len(data) <= 300 for data in taps(telling.talk.line.arrived[0].reply))
    telling.tick("2026-11-27T08:51")
    telling.sweep()
    assert (len(telling.talk.line.arrived), telling.runs()) == (1, [("clock_in", "at:2026-11-27T08:50", "told")])


def test_the_first_look_tells_nothing_of_the_past(telling: Telling) -> None:
    """Started at 08:55, the reminder of 08:50 is neither told nor missed; so it is with another schedule."""
    telling.tick("2026-11-27T08:55")
    assert telling.runs() == []
    telling.windows[0] = telling.windows[0].model_copy(
        update={"notifications": {"clock_in": CLOCK_IN.model_copy(update={"schedule": "56 8 * * *"})}}
    )
    telling.restart()
    telling.tick("2026-11-27T08:58")
    assert telling.runs() == []


def test_missed_minutes_are_reported_and_not_made_up_for(telling: Telling) -> None:
    """After a weekend in the dark Monday's is run if it is fresh, Friday's is on the list of what was missed."""
    telling.tick("2026-11-26T09:00")
    telling.tick("2026-11-30T08:55")
    telling.sweep()
    assert telling.runs() == [
        ("clock_in", "at:2026-11-27T08:50", "missed"),
        ("clock_in", "at:2026-11-30T08:50", "told"),
    ]
    with telling.talk.database.application() as connection:
        (missed,) = store.missed(connection, 7, 10)
    assert (missed.window_name, missed.name, missed.state) == ("hr", "clock_in", "missed")
    assert len(telling.talk.line.arrived) == 1


def test_many_workers_make_one_run_and_tell_it_once(telling: Telling) -> None:
    """Four schedulers and four tellers at once: one run, one message each."""
    telling.tick("2026-11-27T08:40")
    telling.clock.show("2026-11-27T08:50")
    others = [Scheduler(telling.talk.database, telling.windows, TAIPEI, telling.clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.tick(), others * 3))
        list(pool.map(lambda one: one.sweep(), [telling.another_teller() for _ in range(4)]))
    telling.talk.work()
    assert len(telling.runs()) == 1
    assert (len(telling.talk.line.arrived), len(telling.talk.slack.arrived)) == (1, 1)


# --- working days ---

DAILY = CLOCK_IN.model_copy(update={"schedule": "50 8 * * *", "workdays": True, "remind_hours": 24})
HOLIDAY = Calendar(frozenset({date(2026, 11, 27)}), frozenset({date(2026, 11, 28)}))


def by_workdays(telling: Telling, calendar: Calendar, **update: Any) -> None:
    """The reminder goes by this calendar."""
    telling.calendar = calendar
    daily = DAILY.model_copy(update=update)
    telling.change_hr(calendar=calendar, notifications={"clock_in": daily})


def test_on_a_day_off_nobody_is_told_and_the_run_is_seen_as_skipped(telling: Telling, tmp_path: Path) -> None:
    """A public holiday and a Sunday; the Saturday that makes up for the holiday is a working day, the Monday too."""
    by_workdays(telling, HOLIDAY)
    for day in ("27", "28", "29"):
        telling.tick(f"2026-11-{day}T08:40")
        for _ in range(2):
            telling.tick(f"2026-11-{day}T08:50")
            telling.sweep()
    telling.tick("2026-11-30T12:00")
    assert telling.runs() == [
        ("clock_in", "at:2026-11-27T08:50", "skipped"),
        ("clock_in", "at:2026-11-28T08:50", "told"),
        ("clock_in", "at:2026-11-29T08:50", "skipped"),
        ("clock_in", "at:2026-11-30T08:50", "missed"),
    ]
    assert len(telling.talk.line.arrived) == 1
    with telling.talk.database.application() as connection:
        assert [one.due_at.day for one in store.missed(connection, 7, 10)] == [30]
        assert {run.reason for run in store.newest(connection, 9) if run.state == "skipped"} == {"day off"}
    shown = Command(telling.talk.company, tmp_path / "data", telling.talk.url).right("notifications", "runs").out
    assert (shown.count("skipped"), shown.count("missed")) == (2, 1)


def test_without_a_calendar_weekends_are_off(telling: Telling) -> None:
    """Friday is told, Saturday and Sunday are skipped; without the key every day is told."""
    by_workdays(telling, WEEKDAYS)
    for day in ("27", "28", "29"):
        telling.tick(f"2026-11-{day}T08:40")
        telling.tick(f"2026-11-{day}T08:50")
    assert [state for _, _, state in telling.runs()] == ["waiting", "skipped", "skipped"]
    by_workdays(telling, WEEKDAYS, workdays=False)
    telling.tick("2026-12-05T08:40")
    telling.tick("2026-12-05T08:50")
    assert telling.runs()[-1] == ("clock_in", "at:2026-12-05T08:50", "waiting")


def test_what_was_put_off_and_reminders_wait_for_a_working_day(telling: Telling) -> None:
    """Friday night's run is told on Monday when quiet hours end; Friday morning's reminder comes on Monday morning."""
    by_workdays(telling, WEEKDAYS)
    clocked_in(telling)
    for at, reminders in (("28T08:50", 0), ("29T12:00", 0), ("30T08:49", 0), ("30T08:50", 1)):
        telling.clock.show(f"2026-11-{at}")
        telling.sweep()
        assert len(telling.talk.slack.arrived) == 1 + reminders, at
    by_workdays(telling, WEEKDAYS, schedule="30 23 * * *", quiet="22:00-08:00")
    telling.tick("2026-12-04T23:00")
    telling.tick("2026-12-04T23:30")
    for at, told in (("05T08:00", 0), ("06T08:00", 0), ("07T08:00", 1)):
        telling.clock.show(f"2026-12-{at}")
        telling.sweep()
        assert len(telling.talk.slack.arrived) == 2 + told, at


def test_what_is_ordered_by_hand_does_not_wait_for_a_working_day(telling: Telling) -> None:
    """Whoever calls on a Sunday means it."""
    by_workdays(telling, WEEKDAYS)
    telling.clock.show("2026-11-29T10:00")
    assert isinstance(telling.notify(name="clock_in", values={}), Accepted)
    telling.sweep()
    assert len(telling.talk.line.arrived) == 1


# --- whom, and when ---


def test_a_sql_file_says_who_is_told_what(telling: Telling) -> None:
    """Its column person names them, its other columns stand in the text of each alone; the company's names do too."""
    telling.rows = lambda *_: [
        {"person": FANG, "item": "合約", "left": 3},
        {"person": CLERK_OF_HR, "item": "{left}", "left": None},
        {"person": FANG, "item": "重複", "left": 9},
        {"person": None, "item": "", "left": 0},
    ]
    telling.notify(name="due", people=(), values={})
    telling.sweep()
    assert telling.talk.line.said == ["方思齊，合約 還有 3 天到期。"]
    assert telling.talk.slack.said == ["葉佳蓉，{left} 還有 – 天到期。"]


def test_words_are_seen_by_their_recipient_alone(telling: Telling) -> None:
    """The database says so, to every other reader and to none."""
    telling.rows = lambda *_: [{"person": FANG, "item": "合約", "left": 3}]
    telling.notify(name="due", people=(), values={})
    telling.teller.sweep()
    run = telling.run("due")
    for reader, words in ((f"person:{FANG}", {"item": "合約", "left": "3"}), (f"person:{BOSS}", {}), ("", {})):
        with telling.talk.database.viewer(frozenset(), reader) as viewer:
            found = recipients.of_reader(viewer, run, f"person:{FANG}")
            assert found is not None
            assert found.words == words


def test_a_file_that_cannot_be_run_is_tried_again_and_then_given_up(telling: Telling) -> None:
    """It does not hold up the others, and the log and the list say what kind of trouble it was."""

    def broken(*_: str) -> Any:
        raise RuntimeError("secret")

    telling.rows = broken
    telling.notify(name="due", people=(), values={})
    telling.notify()
    for minute in range(6):
        telling.clock.show(f"2026-11-27T09:{minute * 2:02d}")
        telling.sweep()
    states = {name: state for name, _, state in telling.runs()}
    assert states == {"due": "failed", "shipped": "told"}
    with telling.talk.database.application() as connection:
        (failed,) = store.missed(connection, 7, 10)
    assert (failed.name, failed.reason) == ("due", "RuntimeError")


@pytest.mark.parametrize(("row", "reason"), [({"person": FANG}, "no item"), ({"who": FANG}, "no column person")])
def test_a_file_that_lacks_a_column_tells_nobody(telling: Telling, row: dict[str, str], reason: str) -> None:
    """Half a sentence is told to nobody."""
    telling.rows = lambda *_: [row]
    telling.notify(name="due", people=(), values={})
    telling.sweep()
    with telling.talk.database.application() as connection:
        assert [one.reason for one in store.missed(connection, 7, 10)] == [reason]


def test_in_quiet_hours_nobody_is_told_until_they_end(telling: Telling) -> None:
    """Who is told is made out then too. A run that quiet hours overtake goes on in the morning."""
    telling.rows = lambda *_: [{"person": FANG, "item": "合約", "left": 3}]
    telling.clock.show("2026-11-27T23:30")
    telling.notify(name="due", people=(), values={})
    telling.sweep()
    assert (telling.talk.line.said, telling.states(telling.run("due"))) == ([], {})
    telling.clock.show("2026-11-28T07:59")
    telling.sweep()
    assert telling.talk.line.said == []
    telling.clock.show("2026-11-28T08:00")
    telling.sweep()
    assert len(telling.talk.line.said) == 1


def hire(telling: Telling, count: int) -> None:
    """So many more employees, who are reached on Slack."""
    telling.talk.change(
        "insert into people select 'N' || n, 'n' || n, '', null, '{employees}' from generate_series(1, %s) n", count
    )
    telling.talk.change(
        "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
        " select 'slack', 'main', 'UN' || n, 'N' || n, now(), now() from generate_series(1, %s) n",
        count,
    )


def waits_for(telling: Telling) -> list[str]:
    """Whose turn it is to be handled, in order."""
    query = "select args->>'conversation' from procrastinate_jobs where task_name = 'handle' order by priority desc, id"
    return [row[0] for row in telling.talk.rows(query)]


def test_what_somebody_asks_comes_before_a_notice_to_many(telling: Telling) -> None:
    """So does what one person alone is to decide, and a notice to few; they keep their order among themselves."""
    hire(telling, FEW)
    telling.notify(people=(), groups=("employees",))
    telling.teller.sweep()
    telling.notify("k2", people=(FANG,), values={"order": "k2"})
    telling.teller.sweep()
    telling.talk.take_in(event(GUEST, "特休有幾天？"))
    boss = notices.target("slack", "main", "UBOSS")
    with telling.talk.database.application() as connection:
        notices.tell(connection, telling.talk.queue, [boss], "task=1", "task:1")
    first, *rest = waits_for(telling)
    assert [first, *rest[:2]] == [ON_LINE.conversation, GUEST.conversation, boss.place.conversation]
    assert len(rest[2:]) == FEW + 2


def test_whoever_is_told_with_many_and_asks_does_not_wait_for_the_others(telling: Telling) -> None:
    """Their notice comes first, as it was there first, and their question right after it."""
    hire(telling, FEW)
    telling.notify(people=(), groups=("employees",))
    telling.teller.sweep()
    asked = event(ON_LINE, "特休有幾天？")
    telling.talk.take_in(asked)
    for _ in range(4):  # the notice, its delivery, the question, its answer's
        telling.talk.work_one()
    [told, _] = telling.talk.line.arrived
    assert ("已出貨" in told.reply.text, telling.talk.state(asked), telling.talk.slack.arrived) == (True, "done", [])


def test_a_long_run_takes_its_time_and_leaves_room(telling: Telling) -> None:
    """At no time are more notices on their way than so many, and in the end all are told."""
    count = AT_ONCE + BATCH // 2
    hire(telling, count)
    telling.notify(people=(), groups=("employees",))
    telling.teller.sweep()
    waiting = "select count(*) from inbox where state = 'pending'"
    assert telling.talk.value(waiting) == AT_ONCE
    telling.teller.sweep()
    assert telling.talk.value(waiting) == AT_ONCE
    telling.talk.work()
    telling.sweep()
    assert len({delivery.sender for delivery in telling.talk.slack.arrived}) == count + 1
    figures = telling.figures(telling.run("shipped"))
    assert (figures.recipients, figures.sent, figures.unreachable, figures.waiting) == (count + 3, count + 2, 1, 0)


def test_without_a_push_a_notification_waits_on_line_and_the_figures_say_so(telling: Telling) -> None:
    """The window's two pushes of the month are spent; the third message comes with the person's next one, once."""
    for key in ("k1", "k2", "k3"):
        telling.notify(key, values={"order": key})
    telling.sweep()
    assert telling.talk.line.said == ["訂單 k1 已出貨。", "訂單 k2 已出貨。"]
    parked = [telling.figures(row[0]).parked for row in telling.talk.rows("select id::text from notification_runs")]
    assert sorted(parked) == [0, 0, 1]
    telling.talk.say(ON_LINE, "謝謝")
    assert "訂單 k3 已出貨。" in all_of(telling.talk.line.arrived[2:])
    telling.talk.say(ON_LINE, "謝謝")
    assert all_of(telling.talk.line.arrived).count("訂單 k3") == 1


def test_what_waits_is_not_shown_to_an_account_that_was_unbound(telling: Telling) -> None:
    """Whoever has the account now reads nothing of it."""
    for key in ("k1", "k2", "k3"):
        telling.notify(key, values={"order": key})
    telling.sweep()
    telling.talk.change("update identities set employee_number = null, unbound_at = now() where user_id = 'Ufang'")
    telling.talk.say(ON_LINE, "謝謝")
    assert "k3" not in all_of(telling.talk.line.arrived)


def all_of(deliveries: Sequence[Delivery]) -> str:
    """Everything these say, in texts and on cards."""
    return "\n".join(part for one in deliveries for part in (one.reply.text, *(c.text for c in one.reply.cards)))


def test_an_account_that_changed_hands_before_it_was_told_is_told_nothing(telling: Telling) -> None:
    """Between the list and the message lies time; the recipient counts as not reached."""
    telling.notify()
    telling.teller.sweep()
    telling.talk.change("update identities set employee_number = 'A1' where user_id = 'Ufang'")
    telling.talk.work()
    assert telling.talk.line.said == []
    assert telling.states(telling.run("shipped")) == {FANG: "unreachable"}


def test_a_stopped_run_tells_and_reminds_nobody_else(telling: Telling) -> None:
    """What is on its way already is not said either."""
    telling.notify()
    telling.teller.sweep()
    with telling.talk.database.application() as connection:
        assert store.stop(connection, telling.run("shipped")) is False  # it is told: there is nothing to stop any more
    telling.notify("k2")
    with telling.talk.database.application() as connection:
        (waiting,) = (run for run in store.newest(connection, 5) if run.state == "waiting")
        assert store.stop(connection, waiting.id)
        assert not store.stop(connection, "no id")
    telling.sweep()
    assert len(telling.talk.line.said) == 1


# --- answers ---


def test_an_answer_is_noted_and_the_last_one_counts(telling: Telling) -> None:
    """Tapped twice it is noted once; another answer replaces it, and what was said before is kept."""
    run = clocked_in(telling)
    assert telling.tap(ON_LINE, f"note={run}/0").text == "謝謝，已記下：已打卡。"
    assert telling.tap(ON_LINE, f"note={run}/0").text == "已經記下您的回覆了：已打卡。"
    assert telling.tap(ON_LINE, f"note={run}/2").text == "已改為：在家工作（原本是：已打卡）。"
    assert telling.answers(run) == {BOSS: "", CLERK_OF_HR: "", FANG: "在家工作"}
    assert telling.talk.value("select count(*) from notification_responses") == 2
    assert telling.figures(run).answered == 1


def test_a_redelivered_tap_is_taken_once(telling: Telling) -> None:
    """The platform's id of the event is kept for ever."""
    run = clocked_in(telling)
    tapped = event(ON_LINE, kind=Kind.POSTBACK, data=f"note={run}/0")
    for _ in range(3):
        telling.talk.take_in(tapped)
        telling.talk.work()
    assert telling.talk.value("select count(*) from notification_responses") == 1


def test_nobody_answers_in_another_persons_place(telling: Telling) -> None:
    """A colleague who was not reached, a customer, another account: refused politely, and nothing is noted."""
    telling.notify()
    telling.sweep()
    run = telling.run("shipped")
    telling.talk.bind(BOSS_ON_SLACK, BOSS)
    for place in (BOSS_ON_SLACK, GUEST, line_person("Uother", "shop")):
        assert telling.tap(place, f"note={run}/0").text == "這則通知不是發給您的，所以沒有記下任何回覆。"
    assert telling.talk.value("select count(*) from notification_responses") == 0


def test_a_forged_button_notes_nothing(telling: Telling) -> None:
    """No such run, no such button, a button that is no answer."""
    run = clocked_in(telling)
    forged = ("", "\x00/0", "x/0", f"urn:uuid:{run}/1", f"{run}/1", f"{run}/9", f"{run}/-1", f"{run}/٣", f"{run}/0/1")
    for value in forged:
        telling.tap(ON_LINE, f"note={value}")
    assert telling.talk.value("select count(*) from notification_responses") == 0


def test_a_button_means_what_it_meant_when_it_was_sent(telling: Telling) -> None:
    """The window file was edited since: the first button is another one now."""
    run = clocked_in(telling)
    changed = CLOCK_IN.model_copy(update={"actions": tuple(reversed(CLOCK_IN.actions))})
    telling.windows[0] = telling.windows[0].model_copy(update={"notifications": {"clock_in": changed}})
    telling.restart()
    telling.tap(ON_LINE, f"note={run}/0")
    assert telling.answers(run)[FANG] == "done"


# --- reminders ---


def test_who_has_not_answered_is_reminded_once(telling: Telling) -> None:
    """After the hour of the file; who has answered, or handed the form in, is left alone."""
    telling.talk.bind(BOSS_ON_SLACK, BOSS)
    run = clocked_in(telling)
    telling.tap(ON_LINE, f"note={run}/0")
    telling.filed.append((f"person:{CLERK_OF_HR}", "hr", "leave"))
    before = len(telling.talk.line.arrived), len(telling.talk.slack.arrived)
    telling.clock.show("2026-11-27T09:49")
    telling.sweep()
    assert (len(telling.talk.line.arrived), len(telling.talk.slack.arrived)) == before
    telling.clock.show("2026-11-27T09:50")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.sweep(), [telling.another_teller() for _ in range(4)]))
    telling.talk.work()
    telling.sweep()
    assert (len(telling.talk.line.arrived), len(telling.talk.slack.arrived)) == (before[0], before[1] + 1)
    reminder = telling.talk.slack.arrived[-1]
    assert (reminder.sender, reminder.reply.notice) == ("UBOSS", "提醒您，這則通知還沒有回覆：")
    assert telling.tap(BOSS_ON_SLACK, f"note={run}/2").text == "謝謝，已記下：在家工作。"


def test_an_answer_between_the_list_and_the_reminder_saves_it(telling: Telling) -> None:
    """What is said is decided when it is said."""
    run = clocked_in(telling)
    telling.clock.show("2026-11-27T09:50")
    telling.teller.sweep()  # both reminders are on their way
    telling.talk.take_in(event(slack_person("UJIA"), kind=Kind.POSTBACK, data=f"note={run}/0"))
    telling.talk.clerk.handle_next(ON_SLACK.conversation)
    telling.talk.work()
    assert [bool(one.reply.notice) for one in telling.talk.line.arrived] == [False, True]
    assert [bool(one.reply.notice) for one in telling.talk.slack.arrived] == [False, False]


def test_in_quiet_hours_nobody_is_reminded(telling: Telling) -> None:
    """The reminder comes when they end."""
    quiet = CLOCK_IN.model_copy(update={"quiet": "09:30-10:30"})
    telling.windows[0] = telling.windows[0].model_copy(update={"notifications": {"clock_in": quiet}})
    telling.restart()
    clocked_in(telling)
    for at, reminders in (("09:50", 0), ("10:29", 0), ("10:30", 1), ("12:00", 1)):
        telling.clock.show(f"2026-11-27T{at}")
        telling.sweep()
        assert len(telling.talk.slack.arrived) == 1 + reminders


# --- what people do not want to be told ---


def test_who_has_turned_it_off_is_not_told_and_may_turn_it_on_again(telling: Telling) -> None:
    """By the button on the message, or by the list; only what the window file calls optional."""
    telling.notify()
    telling.sweep()
    assert taps(telling.talk.line.arrived[-1].reply) == ["note=off/hr/shipped"]
    assert telling.tap(ON_LINE, "note=off/hr/shipped").text == "好的，之後不再通知您「shipped」。"
    telling.notify("k2")
    telling.sweep()
    off = telling.talk.value("select id::text from notification_runs where key = 'api:erp:k2'")
    assert telling.states(off) == {FANG: "opted_out"}
    settings = telling.talk.ask(ON_LINE, "通知設定")
    assert taps(settings) == ["note=off/hr/due", "note=on/hr/shipped", "note=off/sales/shipped"]
    assert [card.text for card in settings.cards] == ["目前：會通知", "目前：不通知", "目前：會通知"]
    telling.tap(ON_LINE, "note=on/hr/shipped")
    telling.notify("k3")
    telling.sweep()
    assert (
        telling.figures(telling.talk.value("select id::text from notification_runs where key = 'api:erp:k3'")).sent == 1
    )


def test_turned_off_at_the_last_moment_it_is_not_told(telling: Telling) -> None:
    """After the list was made and before the message is said."""
    telling.notify()
    telling.teller.sweep()
    with telling.talk.database.application() as connection:
        store.opt_out(connection, f"person:{FANG}", "hr", "shipped")
    telling.talk.work()
    assert telling.talk.line.said == []
    assert telling.states(telling.run("shipped")) == {FANG: "opted_out"}


def test_what_is_not_optional_cannot_be_turned_off(telling: Telling) -> None:
    """A forged button changes nothing."""
    for value in ("off/hr/clock_in", "off/hr/nothing", "off/it/x", "off", "on/hr/clock_in"):
        assert telling.tap(ON_LINE, f"note={value}").text.startswith("這項通知已經沒有了")
    assert telling.talk.value("select count(*) from notification_opt_outs") == 0


def test_customers_are_told_how_to_bind(telling: Telling) -> None:
    """Notifications are people's."""
    assert "綁定" in telling.talk.ask(GUEST, "通知設定").text


# --- ordered by API ---


def test_an_order_is_taken_once_for_its_key(telling: Telling) -> None:
    """The same again is the same run; another order under the key is refused; another client has keys of its own."""
    first = telling.notify()
    assert isinstance(first, Accepted)
    assert (first.status, first.new) == ("waiting", True)
    assert telling.notify() == Accepted(first.id, "waiting", new=False)
    telling.sweep()
    assert telling.notify() == Accepted(first.id, "told", new=False)
    assert telling.notify(values={"order": "B-2"}) == Refused(
        "key: stands for something else already; use another key.", conflict=True
    )
    assert telling.talk.line.said == ["訂單 A-17 已出貨。"]


def test_orders_that_come_at_once_make_one_run(telling: Telling) -> None:
    """Eight calls with one key: one is new."""
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: telling.notify(), range(8)))
    assert len({one.id for one in done if isinstance(one, Accepted)}) == 1
    assert sum(1 for one in done if isinstance(one, Accepted) and one.new) == 1


def test_an_order_that_cannot_be_told_is_refused(telling: Telling) -> None:
    """With the field that is wrong; nothing is kept."""
    orders: list[tuple[dict[str, Any], str]] = [
        ({"name": "nothing"}, "notification: hr has none of this name"),
        ({"people": ("A9",)}, "people: A9 is nobody"),
        ({"people": (), "groups": ("customers",)}, "groups: customers is not served"),
        ({"people": (FANG,), "groups": ("employees",)}, "groups: name people or groups"),
        ({"people": ()}, "people: name people or groups"),
        ({"values": {}}, "values: order is missing"),
        ({"values": {}, "name": "due"}, "values: item is missing"),
    ]
    for order, word in orders:
        refused = telling.notify(**order)
        assert isinstance(refused, Refused)
        assert refused.detail.startswith(word)
    assert telling.runs() == []


def test_a_client_tells_for_its_own_windows_only(telling: Telling) -> None:
    """Another window is as good as none."""
    for client, window in (("erp", "sales"), ("erp", "none"), ("shop", "hr")):
        with pytest.raises(NotServed):
            telling.desk.notify(client, NotifyOrder(window, "shipped", "k", {"order": "1"}, (FANG,)))
        with pytest.raises(NotServed):
            telling.desk.confirm(client, ConfirmationOrder(window, FANG, "x", "k", 60))


# --- what is kept ---


def test_retention_takes_the_words_and_leaves_the_counts(telling: Telling) -> None:
    """What was said and answered goes; that somebody was told and answered stays."""
    run = clocked_in(telling)
    telling.tap(ON_LINE, f"note={run}/0")
    telling.rows = lambda *_: [{"person": FANG, "item": "合約", "left": 3}]
    telling.notify()
    telling.notify("k2", "due", people=(), values={})
    telling.confirm()
    telling.sweep()
    with telling.talk.database.application() as connection:
        store.forget_texts(connection, 1)
    kept = "select count(*) from notification_words"
    assert telling.talk.value(kept) == 1
    telling.talk.change("update notification_runs set made_at = now() - interval '2 days'")
    telling.talk.change("update confirmations set made_at = now() - interval '2 days'")
    with telling.talk.database.application() as connection:
        store.forget_texts(connection, 1)
    for table in ("notification_words", "notification_responses", "confirmation_words"):
        assert telling.talk.value(f"select count(*) from {table}") == 0
    assert telling.talk.value("select count(*) from notification_runs where words <> '{}'") == 0
    assert telling.figures(run).answered == 1


def test_an_event_of_ours_is_known_by_its_run(telling: Telling) -> None:
    """The figures find a message by the id that telling gives it."""
    telling.notify()
    telling.sweep()
    prefix = event_prefix(telling.run("shipped"))
    assert telling.talk.value("select event_id from inbox where kind = 'notice'") == f"{prefix}Ufang"
    assert prefix == notices.event_id(f"note:{telling.run('shipped')}", "")


# --- the command ---


def test_the_command_sends_shows_and_stops(database_url: str, tmp_path: Path) -> None:
    """A run by hand, with words for the text; bad use ends with a sentence; a stopped run is told no more."""
    shipped = "{text: '訂單 {order} 已出貨。', to: {groups: [employees]}}"
    told = f"{{shipped: {shipped}, daily: {{text: 早, schedule: '0 9 * * *', to: {{people: [A1]}}}}}}"
    (tmp_path / "company" / "documents").mkdir(parents=True)
    (tmp_path / "company" / "documents" / "hr.md").write_text("# 出貨\n\n三日內出貨。\n", encoding="utf-8")
    write_window(tmp_path / "company", "hr", ["{path: ../documents/hr.md}"], notifications=told)
    with psycopg.connect(database_url, autocommit=True) as connection:
        replace_people(connection, PEOPLE)
    transom = Command(tmp_path / "company", tmp_path / "data", database_url)
    assert "hr/daily" in transom.right("notifications", "list").out
    for arguments, word in (
        (["send", "hr/shipped"], "values: order is missing"),
        (["send", "hr/shipped", "--value", "order"], "write it like"),
        (["send", "hr/none"], "notification: hr has none"),
        (["results", "none"], "There is no run none"),
    ):
        refused = transom("notifications", *arguments)
        assert (refused.code, refused.out) == (2, ""), refused.err
        assert word in " ".join(refused.err.split())
    run = transom.right("notifications", "send", "hr/shipped", "--value", "order=A-17", "--person", FANG).out.strip()
    with closing(Database(database_url, pool_size=2)) as database:
        Teller(database, Queue(database_url), lambda *_: [], TAIPEI, retention_days=30).sweep()
    assert "unreachable" in transom.right("notifications", "results", run).out
    lines = transom.right("notifications", "runs").out.splitlines()
    assert lines[0].endswith("  hr/shipped  told")
    assert [line.strip() for line in lines[1:]] == [run, "people 1: 1 not reached, 0 answered"]
    waiting = transom.right("notifications", "send", "hr/shipped", "--value", "order=B-2").out.strip()
    assert transom.right("notifications", "stop", waiting).out.strip() == "Stopped."
    assert "Nothing to stop" in transom.right("notifications", "stop", waiting).out
