"""Ports are chosen so that nobody's server is in the way, and links lead to where the page is."""

import socket

import pytest

from bots.errors import SettingError
from bots.serve import free_port, last_address, remember_address


@pytest.fixture
def taken():
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_passed_over(taken):
    """The next free one is used instead."""
    assert taken < free_port("127.0.0.1", taken) < taken + 20


def test_a_port_named_by_hand_is_not_swapped(taken):
    """It is refused with a sentence that names it and the setting."""
    with pytest.raises(SettingError, match=rf"Port {taken} is taken.*TRANSOM_PORT"):
        free_port("127.0.0.1", taken, tried=1)


def test_links_lead_to_where_the_page_was_last_served(tmp_path):
    """The address is remembered in the data folder."""
    assert last_address(tmp_path / "data") is None
    remember_address(tmp_path / "data", "http://127.0.0.1:8003")
    assert last_address(tmp_path / "data") == "http://127.0.0.1:8003"
