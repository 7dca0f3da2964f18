"""Criterion 1: all 62 items, six departments by four modes, on LINE and on Slack, and one of each mode on the web.

Each item goes from what a person writes to the row in the database and back to whom it concerns, through the real web
and worker processes. All of them are gone through once, many at a time; every item is then a test of its own.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Condition
from typing import Any

import pytest
from acceptance import matrix_items as items
from acceptance import matrix_table as table
from acceptance import matrix_web as web
from acceptance.installation import Server
from acceptance.matrix_company import Company, Platform, sample_company
from acceptance.matrix_items import Amiss, Entry, Went
from acceptance.matrix_table import DEPARTMENTS, MODES, name_of
from ruamel.yaml import YAML

ENTRIES: Sequence[Entry] = YAML(typ="safe").load(Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8"))
BY_NAME: Mapping[str, Entry] = {name_of(entry): entry for entry in ENTRIES}
PLATFORMS: tuple[Platform, ...] = ("line", "slack")
COUNT = 62
MODALS = 3  # at least, on Slack
AT_ONCE = 5


def called(name: str) -> str:
    """Return what an item's test is called: pytest writes no Chinese."""
    entry = BY_NAME[name]
    same = [one for one in ENTRIES if (one["window"], one["kind"]) == (entry["window"], entry["kind"])]
    return "-".join((entry["window"], entry["kind"], entry.get("name") or str(same.index(entry) + 1)))


@dataclass
class Ran:
    """What became of everything. Empty: no trouble."""

    troubles: dict[tuple[str, str], str] = field(default_factory=dict)  # by platform and item
    went: dict[tuple[str, str], Went] = field(default_factory=dict)
    web: dict[str, str] = field(default_factory=dict)  # by mode

    def note(self, platform: Platform, entry: Entry, does: Callable[[], Went]) -> None:
        """Do it, and note how it went."""
        key = (platform, name_of(entry))
        self.troubles[key] = trouble_of(lambda: self.went.update({key: does()}))


def trouble_of(does: Callable[[], Any]) -> str:
    """Do it, and return what was amiss, empty for nothing."""
    try:
        does()
    except (Amiss, AssertionError) as amiss:
        return str(amiss) or repr(amiss)
    except Exception as error:
        return repr(error)
    return ""


class Queue:
    """Items that wait, of which nobody's second begins before their first is over."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._waiting, self._busy, self._changed = list(entries), set[str](), Condition()

    def each(self, does: Callable[[Entry], None]) -> None:
        """Take one after the other until there are none left."""
        while (entry := self._next()) is not None:
            try:
                does(entry)
            finally:
                with self._changed:
                    self._busy.discard(entry["who"])
                    self._changed.notify_all()

    def _next(self) -> Entry | None:
        with self._changed:
            while self._waiting:
                free = next((one for one in self._waiting if one["who"] not in self._busy), None)
                if free is not None:
                    self._waiting.remove(free)
                    self._busy.add(free["who"])
                    return free
                self._changed.wait()
        return None


def go_through(company: Company, platform: Platform, entries: Sequence[Entry], ran: Ran) -> None:
    """Go through the items on one platform: first what everybody is told, then what people ask, look up and fill in."""
    company.come(platform)
    since = datetime.now(UTC)
    told = [entry for entry in entries if entry["kind"] == "notification"]
    for entry in told:
        if entry["trigger"] == "api":
            with suppress(Exception):  # that no run was told will show
                items.order(company, entry)
    if told:
        company.make_due()
    _together(Queue(told), lambda entry: ran.note(platform, entry, lambda: items.answer(company, entry, since)))
    said = [entry for entry in entries if entry["kind"] != "notification"]
    _together(Queue(said), lambda entry: ran.note(platform, entry, lambda: items.go_through(company, platform, entry)))


def _together(queue: Queue, does: Callable[[Entry], None]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(queue.each, does) for _ in range(AT_ONCE)]:
            done.result()


@pytest.fixture(scope="module")
def ran(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory, public_data: Path
) -> Iterator[Ran]:
    """Everything that this run of pytest asks for, gone through. In the end nobody has broken a rule of LINE or Slack,
    nothing has failed, and the logs are clean."""
    here = [one for one in request.session.items if one.path == Path(__file__)]
    params = [one.callspec.params for one in here if hasattr(one, "callspec")]
    ran = Ran()
    with server.database() as url, sample_company(url, tmp_path_factory.mktemp("matrix")) as company:
        for platform in PLATFORMS:
            wanted = [BY_NAME[one["name"]] for one in params if one.get("platform") == platform]
            if wanted:
                go_through(company, platform, wanted, ran)
        for mode in [one["mode"] for one in params if "mode" in one]:
            ran.web[mode] = trouble_of(partial(web.ON_THE_WEB[mode], company))
        yield ran
        office = company.office
        assert office.line.violations == []
        assert office.slack.violations == []
        assert office.count("inbox", "state = 'failed'") == 0
        assert office.count("outbox", "state in ('failed', 'uncertain')") == 0
        assert "Traceback" not in office.logs()


@pytest.mark.parametrize("name", BY_NAME, ids=called)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_item_works(ran: Ran, platform: Platform, name: str) -> None:
    """From a person's words to the database row and back."""
    assert not ran.troubles[platform, name], f"{name} on {platform}: {ran.troubles[platform, name]}"


@pytest.mark.parametrize("mode", MODES, ids=("notification", "lookup", "form", "question"))
def test_a_mode_works_on_the_web(ran: Ran, mode: str) -> None:
    """For a person who signed in with their link."""
    assert not ran.web[mode], f"{mode} on the web: {ran.web[mode]}"


def test_forms_are_filled_in_as_modals_on_slack(ran: Ran) -> None:
    """Some as a whole, the others in words."""
    modals = [key for key, went in ran.went.items() if went.modal]
    assert len(modals) >= MODALS
    assert {platform for platform, _ in modals} == {"slack"}


def test_the_matrix_is_whole_and_no_item_is_skipped(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty-two items on each platform were gone through, and every mode on the web; the matrix is printed."""
    near = sum(went.near for went in ran.went.values())
    asked = f"before {near} of {len(ran.went)} we asked whether they were meant"
    with capsys.disabled():
        sys.stdout.write(f"\n{table.shown(ENTRIES, ran.troubles, ran.web)}{asked}\n")
    assert len(ENTRIES) == len(BY_NAME) == COUNT
    assert {(entry["department"], entry["mode"]) for entry in ENTRIES} == {(d, m) for d in DEPARTMENTS for m in MODES}
    assert Counter(platform for platform, _ in ran.troubles) == dict.fromkeys(PLATFORMS, COUNT)
    assert ran.web.keys() == set(MODES)
