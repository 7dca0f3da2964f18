"""Whether another system may be called with what came of a confirmation: said when it asks, and told in a sentence."""

from collections.abc import Collection

from bots.conversations.lookups.outward import Resolve, addresses
from bots.conversations.lookups.records import LookupFailed
from bots.windows.model import Window
from bots.windows.modes.callback import callback_for, host_of
from bots.windows.modes.http_address import AddressError


def refusal(window: Window, callback: str, ours: Collection[str], resolver: Resolve) -> str:
    """Return why the address may not be called, empty if it may.

    A name that is not found now may be later: it is looked for again when it is called.
    """
    try:
        _, name, port = host_of(callback)
    except AddressError:
        return (
            "callback: is no address that can be called; write it like  https://vpn.a-company.example/confirmed,"
            " without a name, a password, blanks, # or { }."
        )
    if callback_for(window.callbacks, callback) is None:
        return (
            f"callback: {window.name} may not call this host; use one that stands at  callbacks:  in"
            f' windows/{window.file.name}, or add it there, like  {{http: "https://HOST", secret: "${{NAME}}"}}.'
        )
    try:
        addresses(name, port, ours, resolver)
    except LookupFailed as error:
        return "" if error.again else f"callback: {error.reason}."
    return ""
