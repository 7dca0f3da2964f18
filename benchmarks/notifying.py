"""How fast a notification reaches many people, beside what the platforms themselves let through.

The product is ``transom worker`` as a process on an embedded Postgres with fsync on; everybody hears it once, each
with a message, a job and a delivery of their own. What plays LINE and Slack answers at once and shares the machine.
Slack gives no figure for messages to many people; it asks for about one a second in each conversation, and these are
all different ones. ``--quick``: a tenth of the people.
"""

import time

from rich.table import Table

from benchmarks.product import Platform, Product, installed, platform
from benchmarks.report import say, show

_PEOPLE = 10_000
_LINE_LIMIT = 2_000  # pushes a second and channel: developers.line.biz, "Rate limits", read 2026-11
_WORKERS = (1, 2)
_PATIENCE_S = 900.0

_WINDOW = """
name: plant
department: 產
title: 生產窗口
serves: [employees]
channels: {line_pushes: 1000000}
notifications:
  drill: {text: "{name}，下午三點消防演練，請走樓梯。", to: {groups: [employees]}, actions: [收到]}
"""
_LINE = """
line:
  staff:
    secret: "${BENCH_SECRET}"
    token: "${BENCH_TOKEN}"
    windows: [plant]
"""
_SLACK = """
slack:
  main:
    team: T0BENCH01
    signing_secret: "${BENCH_SECRET}"
    bot_token: "${BENCH_TOKEN}"
    windows: [plant]
"""
_CHANNELS = {"line": _LINE, "slack": _SLACK}
_BOUND = {
    "line": "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
    " select 'line', 'staff', 'U' || md5(employee_number), employee_number, now(), now() from people",
    "slack": "insert into identities (platform, account, user_id, employee_number, bound_at, checked_at)"
    " select 'slack', 'main', 'U' || employee_number, employee_number, now(), now() from people",
}


def main(*, quick: bool = False) -> None:
    """Print the table."""
    people = _PEOPLE // 10 if quick else _PEOPLE
    table = Table("platform", "workers", "people", "told in", "messages/s", "of LINE's 2,000/s", title="A notification")
    for name in _CHANNELS:
        for workers in _WORKERS:
            seconds = _told(name, workers, people)
            rate = people / seconds
            share = f"{rate / _LINE_LIMIT:.1%}" if name == "line" else "–"
            table.add_row(name, str(workers), f"{people:,}", f"{seconds:.0f} s", f"{rate:,.0f}", share)
    show(table)
    say(
        "told in: from the order to the last message. That each hears it once, whoever is killed:"
        " tests/acceptance/test_notification_run.py."
    )


def _told(name: str, workers: int, people: int) -> float:
    """Return the seconds from the order to the last message."""
    rows = "".join(f"第{n}人,P{n},,,employees\n" for n in range(people))
    files = {
        "windows/plant.yaml": _WINDOW,
        "channels.yaml": _CHANNELS[name],
        "people.csv": f"name,employee_number,email,manager,groups\n{rows}",
    }
    with platform() as played:
        environment = {
            "BENCH_SECRET": "a-secret-of-the-benchmark",
            "BENCH_TOKEN": "xoxb-of-the-benchmark",
            "TRANSOM_LINE__API_BASE": played.url,
            "TRANSOM_SLACK__API_BASE": f"{played.url}/api",
        }
        with installed(files, environment) as product, product.running(*["worker"] * workers):
            product.change(_BOUND[name])
            begun = time.perf_counter()
            product.run("notifications", "send", "plant/drill")
            _until_told(product, played, people)
            return played.sent[-1] - begun


def _until_told(product: Product, played: Platform, people: int) -> None:
    deadline = time.perf_counter() + _PATIENCE_S
    while len(played.sent) < people:
        if time.perf_counter() > deadline:
            waiting = product.count("outbox where state <> 'sent'")
            raise RuntimeError(f"{len(played.sent)} of {people} were told in {_PATIENCE_S:.0f} s; {waiting} wait")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
