"""The address of a call: only path and query are filled in, and no value leads anywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.windows.modes.http_address import AddressError, check, filled, slots

TEMPLATE = "https://hris.example/people/{person}/leaves?kind={kind}&x=1"


def test_slots_are_filled_in_percent_encoded():
    """What means something in an address is no more than a character of the value."""
    address = filled(TEMPLATE, {"person": "A/1?&#", "kind": "特休 50%&y=2"})
    assert address == ("https://hris.example/people/A%2F1%3F%26%23/leaves?kind=%E7%89%B9%E4%BC%91%2050%25%26y%3D2&x=1")
    assert slots(TEMPLATE) == ["person", "kind"]


def test_a_slot_without_a_value_is_empty():
    """An optional one may be left out."""
    assert filled("https://h.example/?q={q}", {}) == "https://h.example/?q="


@pytest.mark.parametrize(
    "template",
    [
        "https://{host}/x",
        "https://h{n}.example/x",
        "{scheme}://h.example/",
        "//h.example/x",
        "file:///etc/passwd",
        "gopher://h.example/",
        "https://user:word@h.example/",
        "https://h.example:99999999/",
        "https://h.example/#x",
        "https://h.example/a b",
        "https://h.example/\r\nHost: x",
        "https://",
        "https://h.example\\@evil.example/",
        "https://[::1",
        "x",
    ],
)
def test_an_address_whose_host_is_not_written_out_is_refused(template):
    """Which machine is called, the file says."""
    with pytest.raises(AddressError):
        check(template)
    with pytest.raises(AddressError):
        filled(template, {"host": "a", "n": "a", "scheme": "https"})


@pytest.mark.parametrize(
    "value", ["..", ".", "../admin", "a/../../b", "..\\..", " .. ", "x\x00", "x\r\nHost: y", "\ud800"]
)
def test_a_value_that_leads_elsewhere_is_refused(value):
    """However a server decodes it."""
    with pytest.raises(AddressError):
        filled("https://h.example/people/{person}", {"person": value})


def test_dots_around_a_slot_make_no_parent_folder():
    """Not even together with what the file says."""
    with pytest.raises(AddressError):
        filled("https://h.example/a/.{x}/b", {"x": ""})


def test_a_very_long_value_is_refused():
    """An address has a length that servers take."""
    with pytest.raises(AddressError, match="too long"):
        filled("https://h.example/?q={q}", {"q": "特" * 1500})


@given(st.text())
def test_no_value_changes_the_host_or_adds_a_parameter(value):
    """Whatever somebody writes stays inside its slot."""
    try:
        made = filled(TEMPLATE, {"person": "A1", "kind": value})
    except AddressError:
        return
    assert made.startswith("https://hris.example/people/A1/leaves?kind=")
    assert made.endswith("&x=1")
    assert made.count("&") == 1
    assert made.count("?") == 1
