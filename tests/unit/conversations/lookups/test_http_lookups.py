"""Look-ups in other systems: to the host that the file names, at an address that may be called, and nowhere else."""

import socket
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest
from fakes.records_server import RecordsServer, answer, serving

from bots.conversations.lookups.http import HttpReader
from bots.conversations.lookups.outward import addresses
from bots.conversations.lookups.records import LookupFailed, Records
from bots.windows.modes.lookup import HttpGet

OURS = frozenset({"localhost", "127.0.0.1", "::1"})
METADATA = "169.254.169.254"


@pytest.fixture
def server() -> Iterator[RecordsServer]:
    """A server of ours on this machine."""
    with serving(RecordsServer()) as one:
        yield one


@pytest.fixture
def reader() -> Iterator[HttpReader]:
    """A reader for which this machine is ours, with one secret."""
    one = HttpReader({"ERP_KEY": "key-of-the-erp", "TRANSOM_SECRET_KEY": "ours", "BAD": "a\nb"}, OURS)
    yield one
    one.close()


def get(server: RecordsServer, path: str, **more: object) -> HttpGet:
    return HttpGet.model_validate({"url": f"http://127.0.0.1:{server.port}{path}", **more})


def trouble(reader: HttpReader, asked: HttpGet, **values: str) -> LookupFailed:
    with pytest.raises(LookupFailed) as failed:
        reader.read(asked, values)
    return failed.value


def test_records_are_read_from_the_path_of_items(server, reader):
    """Nested objects get names with _ between, lists one cell, numbers stay exact."""
    server.answers["/orders/A%2F1"] = {
        "data": {"orders": [{"no": "A1", "total": 12.10, "who": {"name": "方"}, "tags": ["急", "新"]}, {"no": "A2"}]}
    }
    found = reader.read(
        get(server, "/orders/{order}?who={person}", items="data.orders"), {"order": "A/1", "person": "A1&x"}
    )
    assert found == Records(
        ("no", "total", "who_name", "tags"), (("A1", Decimal("12.1"), "方", "急、新"), ("A2", None, None, None))
    )
    assert server.asked == ["/orders/A%2F1?who=A1%26x"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"a": 1}, Records(("a",), ((1,),))),
        ([1, 2], Records(("value",), ((1,), (2,)))),
        ([], Records((), ())),
        (None, Records((), ())),
        ([{"a": [{"b": 1}]}], Records(("a",), (('[{"b": 1}]',),))),
    ],
)
def test_an_answer_may_be_one_record_or_a_list(server, reader, said, found):
    """Bare values are the one column "value"."""
    server.answers["/x"] = said
    assert reader.read(get(server, "/x"), {}) == found


def test_what_is_not_there_is_not_found(server, reader):
    """A 404 is an answer: there is no such record."""
    server.answers["/x"] = lambda handler: answer(handler, b"<html>", 404)
    assert reader.read(get(server, "/x", items="a.b"), {}) == Records((), ())


def test_headers_take_their_secrets_from_the_environment(server, reader):
    """And the host is the address's, whatever the file says of it."""
    server.answers["/x"] = []
    reader.read(get(server, "/x", headers={"X-Key": "${ERP_KEY}", "X-Plain": "as it is", "Host": "evil.example"}), {})
    (headers,) = server.headers
    assert headers["x-key"] == "key-of-the-erp"
    assert headers["x-plain"] == "as it is"
    assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("name", ["NOT_SET", "TRANSOM_SECRET_KEY", "BAD"])
def test_a_header_without_a_usable_variable_makes_no_call(server, reader, name):
    """A setting of Transom goes nowhere, and a missing key is not sent as an empty one."""
    failed = trouble(reader, get(server, "/x", headers={"X-Key": f"${{{name}}}"}))
    assert (failed.trouble, server.asked) == ("set_up", [])


@pytest.mark.parametrize(
    "target", [f"http://{METADATA}/latest/meta-data/", "/other", "http://localhost/", "//evil.example/"]
)
def test_no_redirect_is_followed(server, reader, target):
    """Not to the metadata of a cloud, not even to the same host: the file is to name where the records are."""
    server.answers["/x"] = lambda handler: answer(handler, b"", 302, location=target)
    failed = trouble(reader, get(server, "/x"))
    assert (failed.trouble, failed.reason) == ("set_up", "status 302")
    assert server.asked == ["/x"]


def test_a_broken_server_is_asked_twice(server, reader):
    """The second answer counts."""
    states = iter([503, 200])
    server.answers["/x"] = lambda handler: answer(handler, b'[{"a": 1}]', next(states))
    assert reader.read(get(server, "/x"), {}).rows == ((1,),)
    assert len(server.asked) == 2


def test_a_server_that_stays_broken_is_down(server, reader):
    """After the second try."""
    server.answers["/x"] = lambda handler: answer(handler, b"", 500)
    failed = trouble(reader, get(server, "/x"))
    assert (failed.trouble, failed.reason, len(server.asked)) == ("down", "status 500", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 204, 301])
def test_what_the_server_refuses_is_not_asked_again(server, reader, status):
    """The operator has to look."""
    server.answers["/x"] = lambda handler: answer(handler, b"", status)
    assert (trouble(reader, get(server, "/x")).trouble, len(server.asked)) == ("set_up", 1)


def test_nobody_there_is_down(server, reader):
    """A closed port is tried twice and then told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server.port = free.getsockname()[1]
        assert trouble(reader, get(server, "/x")).trouble == "down"


@pytest.mark.parametrize("dripping", [False, True])
def test_a_slow_server_is_left(server, reader, dripping):
    """Also one that always has a little more to say."""

    def slow(handler):
        handler.send_response(200)
        for _ in range(30 if dripping else 1):
            time.sleep(0.1 if dripping else 3)
            handler.wfile.write(b"x-more: 1\r\n")
            handler.wfile.flush()

    server.answers["/x"] = slow
    began = time.monotonic()
    assert trouble(reader, get(server, "/x", timeout_s=0.5)).trouble == "slow"
    assert time.monotonic() - began < 2


def test_a_large_answer_is_not_read_to_its_end(server, reader):
    """One megabyte is enough for a page of records."""
    server.answers["/x"] = lambda handler: answer(handler, b'["' + b"x" * 2_000_000 + b'"]')
    assert trouble(reader, get(server, "/x")).trouble == "large"


def test_more_records_than_anybody_reads_are_cut(server, reader):
    """And it is known that there were more."""
    server.answers["/x"] = [{"a": number} for number in range(600)]
    found = reader.read(get(server, "/x"), {})
    assert (len(found.rows), found.cut) == (500, True)


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b'{"a": NaN}', b"[" * 100_000, b"1" * 5000, b'{"a"'])
def test_what_is_not_json_is_not_guessed_at(server, reader, body):
    """However it is broken."""
    server.answers["/x"] = lambda handler: answer(handler, body)
    assert trouble(reader, get(server, "/x")).trouble == "set_up"


def test_items_that_are_not_there_are_the_operators(server, reader):
    """The file names a path that the answer does not have."""
    server.answers["/x"] = {"data": []}
    assert trouble(reader, get(server, "/x", items="data.orders")).trouble == "set_up"


@pytest.mark.parametrize("value", ["..", "a/../b", "x\x00", "\r\nx: y", "x" * 5000])
def test_a_value_that_leads_elsewhere_makes_no_call(server, reader, value):
    """The person hears that it cannot be looked up with this value."""
    assert (trouble(reader, get(server, "/p/{q}"), q=value).trouble, server.asked) == ("values", [])


# --- addresses ---


def to(*found: str):
    def resolver(_: str, __: int) -> Sequence[str]:
        return found

    return resolver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.7",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        METADATA,
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "not an address",
    ],
)
def test_a_name_that_means_a_private_address_is_not_called(address):
    """Loopback, private, link-local and metadata, in whatever way it is written; one of several is enough."""
    for found in ([address], ["93.184.216.34", address]):
        with pytest.raises(LookupFailed) as failed:
            addresses("records.example", 443, OURS, to(*found))
        assert failed.value.trouble == "set_up"


def test_a_public_address_is_called():
    """In either family."""
    found = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
    assert addresses("records.example", 443, OURS, to(*found)) == found


def test_a_machine_of_ours_may_be_anywhere():
    """Because the operator listed its name."""
    assert addresses("ERP.intranet.", 80, {"erp.intranet"}, to("10.0.0.7")) == ["10.0.0.7"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0"])
def test_this_machine_in_another_spelling_is_not_called(reader, host):
    """Decimal, hexadecimal and short forms are resolved first and looked at then."""
    failed = trouble(reader, HttpGet(url=f"http://{host}:1/"))
    assert failed.trouble in ("set_up", "down")
    assert "private network" in failed.reason or "not found" in failed.reason


def test_a_name_is_resolved_once(server):
    """Whoever answers differently the second time is not asked a second time: the checked address is called."""
    asked: list[str] = []

    def rebinding(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    server.answers["/x"] = [{"a": 1}]
    reader = HttpReader({}, {"records.example"}, rebinding)
    found = reader.read(HttpGet(url=f"http://records.example:{server.port}/x"), {})
    reader.close()
    assert (found.rows, asked) == (((1,),), ["records.example"])
    assert server.headers[0]["host"] == f"records.example:{server.port}"


def test_a_name_of_nobody_is_down(reader):
    """The person hears that it cannot be reached."""

    def unknown(_: str, __: int) -> Sequence[str]:
        raise socket.gaierror

    for resolver in (unknown, to()):
        with pytest.raises(LookupFailed) as failed:
            addresses("nobody.example", 443, OURS, resolver)
        assert failed.value.trouble == "down"
