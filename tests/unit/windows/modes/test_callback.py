"""Which hosts a window's file lets be called with what came of a confirmation."""

import pytest

from bots.windows.load import load_company
from bots.windows.modes.callback import Callback, callback_for

VPN = Callback(http="https://vpn.a-company.example", secret="${VPN_SECRET}")
PORT = Callback(http="http://10.0.0.7:8080/", secret="${OTHER_SECRET}")
HEAD = "name: it\ndepartment: 資\ntitle: 窗口\nserves: [employees]\n"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://vpn.a-company.example", VPN),
        ("https://VPN.a-company.example:443/confirmed?user=7", VPN),
        ("https://vpn.a-company.example./x", VPN),
        ("http://10.0.0.7:8080/x", PORT),
        ("http://10.0.0.7/x", None),
        ("http://vpn.a-company.example/x", None),
        ("https://vpn.a-company.example:8443/x", None),
        ("https://vpn.a-company.example.evil.example/", None),
        ("https://evil.example/?https://vpn.a-company.example", None),
        ("https://evil.example#https://vpn.a-company.example", None),
        ("https://vpn.a-company.example@evil.example/", None),
        ("https://evil.example\\@vpn.a-company.example/", None),
        ("https://vpn.a-company.example\t/", None),
        ("https://vpn.a-company.example/{x}", None),
        ("//vpn.a-company.example/", None),
        ("", None),
    ],
)
def test_an_address_counts_by_its_host(address, found):
    """Scheme, name and port; what only looks like it is none."""
    assert callback_for((VPN, PORT), address) == found


HTTP, SECRET = "http: https://vpn.a-company.example", 'secret: "${VPN_SECRET}"'


@pytest.mark.parametrize(
    ("entry", "fault", "like"),
    [
        (
            f'{{http: "https://vpn.example/x", {SECRET}}}',
            "http: must end behind the host: whoever asks names the",
            HTTP,
        ),
        (
            f'{{http: "https://vpn.example?x", {SECRET}}}',
            "http: must end behind the host: whoever asks names the",
            HTTP,
        ),
        (
            f'{{http: "ftp://vpn.example", {SECRET}}}',
            "http: must begin with https:// or http:// and a host's name",
            HTTP,
        ),
        (f'{{http: "https://{{x}}.example", {SECRET}}}', "http: must begin with https:// or http://", HTTP),
        ('{http: "https://vpn.example"}', "secret: is missing", SECRET),
        ('{http: "https://vpn.example", secret: 0123456789abcdef}', "secret: is written out here", SECRET),
        ('{http: "https://vpn.example", secret: "${TRANSOM_KEY}"}', "secret: refers to TRANSOM_KEY, which is", SECRET),
        (
            f'{{http: "https://vpn.example", {SECRET}, x: y}}',
            "x: is not a key of a window file; the keys here",
            "secret",
        ),
    ],
)
def test_a_wrong_entry_is_told_with_its_line_and_how_to_write_it(company, write, entry, fault, like):
    """And no secret is shown that was written out."""
    write("windows/it.yaml", f"{HEAD}callbacks:\n  - {entry}\n")
    [told] = [str(one) for one in load_company(company).faults]
    assert told.startswith(f"windows/it.yaml:6: callbacks.{fault}")
    assert told.endswith(like)
    assert "0123456789abcdef" not in told


def test_a_right_entry_is_read(company, write):
    """As the reference shows it."""
    write("windows/it.yaml", f"{HEAD}callbacks:\n  - {{{HTTP}, {SECRET}}}\n")
    [window] = load_company(company).windows
    assert callback_for(window.callbacks, "https://vpn.a-company.example/x") == window.callbacks[0]
