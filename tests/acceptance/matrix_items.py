"""Goes through one item of the table on one platform: from what a person writes to the database row and back."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from acceptance.matrix_company import CLIENT_TOKEN, CUSTOMER, Company, Platform
from acceptance.matrix_people import Heard, Person, SlackPerson
from acceptance.office import wait_for

from bots.conversations.texts import say
from bots.windows.modes.field import FieldSpec
from bots.windows.modes.form import Form

Entry = Mapping[str, Any]

IN_A_MODAL = ("production/work_order", "hr/leave", "finance/purchase", "it/booking")  # on Slack; the others in words
COMMENT = "已照程序處理好了"
_ASKS_FOR = re.compile(r"請(?:選或輸入|選|輸入|傳)「(.+?)」")
_LOOKUP_ASKS_FOR = re.compile(r"請(?:選擇|告訴我)(.+?)(?:，或直接輸入)?。")
_HANDED_IN = re.compile(r"已送出「.+?」，編號 ([A-Z_-]+-\d{4}-\d{4})")
_MOST_QUESTIONS = 25
_NEAR = say("zh-TW", "did_you_mean")


class Amiss(Exception):
    """An item does not do what it should; the message says what was seen instead."""


@dataclass
class Went:
    """How an item went. ``near``: we had to ask whether it was meant. ``modal``: it was filled in as a whole."""

    near: bool = False
    modal: bool = False


def go_through(company: Company, platform: Platform, entry: Entry) -> Went:
    """Go through a look-up, form or question. Raises Amiss."""
    went = Went()
    try:
        match entry["kind"]:
            case "lookup":
                _look_up(company, entry, went)
            case "form":
                _fill_in(company, platform, entry, went)
            case _:
                _ask(company, entry)
    except Amiss:
        with suppress(AssertionError):
            company.people[entry["who"]].says("取消")  # what comes next begins afresh
        raise
    return went


def check(holds: object, trouble: str, seen: object = "") -> None:
    """Raise Amiss with the trouble and what was seen, unless it holds."""
    if not holds:
        shown = seen.text if isinstance(seen, Heard) else str(seen)
        raise Amiss(f"{trouble}; seen: {shown[-600:]!r}" if shown else trouble)


def _begun(company: Company, person: Person, entry: Entry, went: Went) -> Heard:
    """Write what the person writes; where we ask whether it was meant, say so."""
    heard = person.says(entry["utterance"])
    if _NEAR not in heard.text:
        return heard
    data = f"{entry['kind']}={entry['window']}/{entry['name']}"
    meant = next((tap for tap in heard.taps if tap.data == data), None)
    check(meant, "what was meant is not offered", heard)
    assert meant is not None
    went.near = True
    return person.taps(meant)


# --- look-ups ---


def _look_up(company: Company, entry: Entry, went: Went) -> None:
    person, say_ = company.people[entry["who"]], dict(entry["say"])
    slots = {
        slot.label_in("zh-TW"): slot.name for slot in company.windows[entry["window"]].lookups[entry["name"]].slots
    }
    with person.lock:
        heard = _begun(company, person, entry, went)
        for _ in range(_MOST_QUESTIONS):
            asked = _LOOKUP_ASKS_FOR.search(heard.text)
            if asked is None or asked[1] not in slots:
                break
            check(slots[asked[1]] in say_, f"{asked[1]} is asked for a second time, or nothing is to be said", heard)
            heard = person.says(say_.pop(slots[asked[1]]))
        check(heard.holds(entry["sees"]), f"{entry['sees']} is not shown", heard)
        check("sees_not" not in entry or not heard.holds(entry["sees_not"]), f"{entry.get('sees_not')} is shown", heard)
        check(
            _newest_turn(company, entry) == (entry["window"], "lookup"), "no turn is kept", _newest_turn(company, entry)
        )


def _newest_turn(company: Company, entry: Entry) -> tuple[Any, ...]:
    query = "select window_name, generator from turns where reader = %s and question <> '' order by event desc limit 1"
    found = company.office.query(query, [_reader(company, entry["who"])])
    return found[0] if found else ()


def _reader(company: Company, who: str) -> str:
    if who != CUSTOMER:
        return f"person:{who}"
    person: Any = company.people[CUSTOMER]
    return f"slack:main:{person.user}" if isinstance(person, SlackPerson) else f"line:{person.account}:{person.id}"


# --- questions ---


def _ask(company: Company, entry: Entry) -> None:
    person = company.people[entry["who"]]
    query = (
        "select window_name, refused, citations from turns where reader = %s and question <> '' order by event desc"
        " limit 1"  # what we said on our own account has no question
    )
    with person.lock:
        heard = person.says(entry["utterance"])
        found = company.office.query(query, [_reader(company, entry["who"])])
    check(heard.holds(entry["text"]), f"{entry['text']} is not said", heard)
    check(found, "no turn is kept")
    window, refused, citations = found[0]
    cited = {one["document"]: one["title"] for one in citations}
    check((window, refused) == (entry["window"], False), "another window answered, or none", found[0][:2])
    check(entry["document"] in cited, f"{entry['document']} is not cited", list(cited))
    check(heard.holds(cited[entry["document"]][:40]), "the source is not shown", heard)


# --- forms ---


def _fill_in(company: Company, platform: Platform, entry: Entry, went: Went) -> None:
    person = company.people[entry["who"]]
    with person.lock:
        heard = _handed_in(company, platform, person, entry, went)
    told = _HANDED_IN.search(heard.text)
    check(told, "no number is told", heard)
    assert told is not None
    row = _submission(company, told[1])
    check(row["state"] == entry["state"], f"the state is not {entry['state']}", row["state"])
    check(row["employee_number"] == (None if entry["who"] == CUSTOMER else entry["who"]), "it is somebody else's")
    _check_row(entry["row"], row["all"], company)
    if company.windows[entry["window"]].forms[entry["name"]].kind == "complaint":
        kept = company.office.query("select theme, product from complaints where submission = %s", [row["id"]])
        check(kept == [(entry["row"]["theme"], entry["row"]["model"])], "it is not kept as a complaint", kept)
    _follow(company, person, entry, told[1])


def _handed_in(company: Company, platform: Platform, person: Person, entry: Entry, went: Went) -> Heard:
    form = company.windows[entry["window"]].forms[entry["name"]]
    heard = _begun(company, person, entry, went)
    if platform == "slack" and f"{entry['window']}/{entry['name']}" in IN_A_MODAL:
        went.modal = True
        return _in_modal(company, person, form, entry, heard)
    return _in_words(person, form, entry, heard)


def _in_words(person: Person, form: Form, entry: Entry, heard: Heard) -> Heard:
    """Answer one question after the other, tapping what is offered; change what stands otherwise; and confirm."""
    left = {field.label_in("zh-TW"): field for field in form.fields}
    for _ in range(_MOST_QUESTIONS):
        asked = _ASKS_FOR.findall(heard.text)
        if asked:
            check(asked[-1] in left, f"{asked[-1]} is asked for a second time", heard)
            field = left.pop(asked[-1])
            heard = _answered(person, heard, entry["say"].get(field.name), optional=field.optional)
        elif wrong := _otherwise(left, entry["say"], heard):
            heard = _tapped(person, _tapped(person, heard, "修改"), wrong)
        else:
            return _tapped(person, heard, "送出")
    raise Amiss("there is no end of questions")


def _otherwise(left: Mapping[str, FieldSpec], says: Mapping[str, str], heard: Heard) -> str | None:
    """Return a field that was filled in for the person, and otherwise than they would have done."""
    given = {label: says[field.name] for label, field in left.items() if field.default and field.name in says}
    return next((label for label, value in given.items() if not heard.holds(f"{label}：{value}")), None)


def _tapped(person: Person, heard: Heard, label: str, within: Sequence[str] = ("",)) -> Heard:
    tap = heard.tap(label, within)
    check(tap, f"{label} is not offered", heard)
    assert tap is not None
    return person.taps(tap)


def _answered(person: Person, heard: Heard, value: str | None, *, optional: bool) -> Heard:
    check(value is not None or optional, "something is asked for that is not to be said", heard)
    text = "略過" if value is None else value
    tap = heard.tap(text)
    return person.taps(tap) if tap else person.says(text)


def _in_modal(company: Company, person: Person, form: Form, entry: Entry, heard: Heard) -> Heard:
    """Open the form as a modal, fill everything in, and submit."""
    name = f"{entry['window']}/{entry['name']}"
    opens = next((tap for tap in heard.taps if tap.data == f"form={name}"), None)
    check(opens, "nothing opens the form as a whole", heard)
    assert isinstance(person, SlackPerson)
    assert opens is not None
    values: dict[str, str | int] = {}
    for field in form.fields:
        value = entry["row"].get(field.name)
        if value is None:
            continue
        if field.type == "datetime":
            values[field.name] = int(datetime.fromisoformat(value).replace(tzinfo=company.zone).timestamp())
        else:
            values[field.name] = entry["say"][field.name] if field.type == "person" else str(value)
    return person.fills_in(person.opens(opens), values)


def _submission(company: Company, number: str) -> dict[str, Any]:
    query = 'select state, employee_number, "values" || computed, id from submissions where number = %s'
    found = company.office.query(query, [number])
    check(found, f"there is no submission {number}")
    return dict(zip(("state", "employee_number", "all", "id"), found[0], strict=True))


def _check_row(expected: Mapping[str, Any], kept: Mapping[str, Any], company: Company) -> None:
    for name, value in expected.items():
        check(_plain(kept.get(name), company) == _plain(value, company), f"{name} is not {value}", kept.get(name))


def _plain(value: Any, company: Company) -> str:
    """Return a value as the matrix writes it: moments in the company's zone, numbers without zeros that say nothing."""
    if isinstance(value, datetime | date | time) or value is None:
        return str(value)
    text = str(value)
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        pass
    if re.fullmatch(r"\d\d:\d\d:00", text):
        return text[:5]
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", text):
        moment = datetime.fromisoformat(text)
        local = moment.astimezone(company.zone) if moment.tzinfo else moment
        return f"{local:%Y-%m-%d %H:%M}"
    return text


# --- what follows a form ---


def _follow(company: Company, person: Person, entry: Entry, number: str) -> None:
    """Let everybody decide or work on it who has to, and see that it is told."""
    steps: Sequence[Sequence[str]] = entry.get("approvers", ())
    for at, step in enumerate(steps):
        later = {one for others in steps[at + 1 :] for one in others} - {
            one for ones in steps[: at + 1] for one in ones
        }
        for one in later:
            asked = company.people[one].was_told(number).tap("核准", _taps_of(company, number))
            check(not asked, f"{one} is asked before it is their turn")
        _approve(company, step, number)
    if assigned := entry.get("assigned"):
        _work(company, assigned, number)
    if steps or assigned:
        final, says = ("done", "處理完成") if assigned else ("approved", "已核准")
        row = _submission(company, number)
        check(row["state"] == final, f"the state is not {final} in the end", row["state"])
        told = person.was_told(number)
        check(told.holds(says), "the outcome is not told", told)
        check(not assigned or told.holds(COMMENT), "the comment is not told", told)
        actors = {actor for (actor,) in company.office.query(_ACTORS, [row["id"]])}
        wanted = {step[0] for step in steps} | set((assigned or [])[:1])
        check(wanted <= actors, "not everybody who decided stands in the history", actors)


_ACTORS = "select actor from submission_history where submission = %s"


def _taps_of(company: Company, number: str) -> list[str]:
    """Return how the data of taps on a request begins."""
    tasks = company.office.query("select id from approval_tasks where number = %s", [number])
    return [f"{verb}={task}/" for (task,) in tasks for verb in ("decide", "task")]


def _approve(company: Company, step: Sequence[str], number: str) -> None:
    """Each of the step is asked, and the first of them approves."""
    for one in step:
        asked = company.people[one].was_told(number)
        check(asked.tap("核准", _taps_of(company, number)), f"{one} is not asked", asked)
    approver = company.people[step[0]]
    with approver.lock:
        heard = _tapped(approver, approver.was_told(number), "核准", _taps_of(company, number))
    check(heard.holds(f"已核准 {number}"), f"{step[0]} is not told that it is approved", heard)


def _work(company: Company, assigned: Sequence[str], number: str) -> None:
    """Each who may is asked; the first of them takes it, and closes it with a comment."""
    for one in assigned:
        asked = company.people[one].was_told(number)
        check(asked.tap("我來處理", _taps_of(company, number)), f"{one} is not asked to work on it", asked)
    worker = company.people[assigned[0]]
    with worker.lock:
        for label, says in (("我來處理", "由您處理"), ("結案", "處理結果")):
            heard = _tapped(worker, worker.was_told(number), label, _taps_of(company, number))
            check(heard.holds(number) and heard.holds(says), f"{label} is not answered", heard)
        heard = worker.says(COMMENT)
    check(heard.holds(f"{number} 已結案"), "it is not closed", heard)


# --- notifications ---


def order(company: Company, entry: Entry) -> None:
    """Call the API for a notification that another system orders. Raises Amiss."""
    call = {"window": entry["window"], "notification": entry["name"], "key": str(uuid4()), "values": entry["values"]}
    if "to" in entry:
        call["people"] = entry["to"]
    headers = {"Authorization": f"Bearer {CLIENT_TOKEN}", "Content-Type": "application/json"}
    request = Request(f"{company.office.url}/api/v1/notify", json.dumps(call).encode(), headers)
    with urlopen(request, timeout=30) as answer:
        check(answer.status == 202, "the call is not taken", answer.status)


def answer(company: Company, entry: Entry, since: datetime) -> Went:
    """See that those are told who have to be and no others, and that an answer is kept. Raises Amiss."""
    run = _told_run(company, entry, since)
    for one in entry["recipients"]:
        told = company.people[one].was_told(entry["told"])
        check(told.text, f"{one} is not told", _states(company, run))
    spared = set(entry.get("spared", ()))
    check(not spared & _states(company, run).keys(), "somebody is told who should not be", _states(company, run))
    person = company.people[entry["who"]]
    with person.lock:
        heard = _tapped(person, person.was_told(entry["told"]), entry["action"], [f"note={run}/"])
    check(heard.holds(entry["action"]), "the answer is not noted", heard)
    query = "select value from notification_responses where run = %s and recipient = %s order by id desc limit 1"
    kept = company.office.query(query, [run, f"person:{entry['who']}"])
    check(kept == [(entry["response"],)], f"{entry['response']} is not kept", kept)
    return Went()


def _told_run(company: Company, entry: Entry, since: datetime) -> str:
    source = "schedule" if entry["trigger"] == "schedule" else "api"
    query = (
        "select id::text, state from notification_runs"
        " where window_name = %s and name = %s and source = %s and made_at > %s and state <> 'missed'"
    )
    values = [entry["window"], entry["name"], source, since]
    wait_for(lambda: _told(company.office.query(query, values)), 45, "no run was told")
    ((run, state),) = company.office.query(query, values)
    check(state == "told", "the run was not told", state)
    return str(run)


def _told(rows: Sequence[tuple[Any, ...]]) -> bool:
    return bool(rows) and all(state not in ("waiting", "telling") for _, state in rows)


def _states(company: Company, run: str) -> dict[str, str]:
    """Return what became of each recipient, by employee number."""
    found = company.office.query("select recipient, state from notification_recipients where run = %s", [run])
    return {recipient.removeprefix("person:"): state for recipient, state in found}
