"""The commands that connect the platforms: line, slack, doctor."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bots import doctor as doctors
from bots import terminal
from bots.accounts import LineAccount
from bots.cli.company import office, read_settings
from bots.compose import Office, running
from bots.errors import SettingError
from bots.platforms.line import set_up
from bots.platforms.slack import manifest

line_app = typer.Typer(help="Connect LINE official accounts (docs/line.md).", no_args_is_help=True)
slack_app = typer.Typer(help="Connect Slack workspaces (docs/slack.md).", no_args_is_help=True)

Account = Annotated[str | None, typer.Argument(help="The account's name in channels.yaml. Left out: all of them.")]


@line_app.command("setup")
def line_setup(
    account: Account = None,
    font: Annotated[Path | None, typer.Option(help="A font with Chinese characters for the menu.")] = None,
) -> None:
    """Set the webhook's address, try it, and draw the rich menu from the windows. Safe to repeat."""
    settings = read_settings()
    company = office(settings)
    if not settings.public_url:
        raise SettingError(
            "LINE needs an address to send to. Set TRANSOM_PUBLIC_URL to the https address that leads to this machine."
        )
    wrong = False
    for one in _line_accounts(company, account):
        cards = [w.card("zh-TW") for w in company.windows if w.name in one.windows]
        report = set_up(one, cards, settings.public_url, font=font, api_base=settings.line.api_base)
        for finding in report.lines:
            terminal.show_finding(f"line:{one.name}", finding.what, "" if finding.ok else finding.fix)
        wrong = wrong or not report.ok
    if wrong:
        raise typer.Exit(1)


@line_app.command("quota")
def line_quota(account: Account = None) -> None:
    """Show the month's pushes as LINE counts them."""
    company = office(read_settings())
    courier = company.line_courier()
    counts = {one.name: courier.quota(one.name) for one in _line_accounts(company, account)}
    for name, quota in counts.items():
        typer.echo(f"{name}: {doctors.quota_line(quota)}")
    if None in counts.values():
        raise typer.Exit(1)


@slack_app.command("manifest")
def slack_manifest(
    name: Annotated[str | None, typer.Option(help="What people see the app as. Left out: the company's name.")] = None,
    socket: Annotated[bool, typer.Option("--socket", help="Without a public address: Socket Mode.")] = False,
) -> None:
    """Print the app manifest to paste into api.slack.com/apps → Create New App → From a manifest."""
    settings = read_settings()
    company = office(settings, quiet=True)
    if not socket and not settings.public_url:
        raise SettingError(
            "Slack needs an address to send to: set TRANSOM_PUBLIC_URL, or use Socket Mode with --socket, which needs"
            " none."
        )
    shown = manifest(name or f"{company.name} 窗口", settings.public_url or "", socket)
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))


def doctor() -> None:
    """Look at everything that has to work (database, models, tokens, scopes, webhooks, quota), each with its fix."""
    settings = read_settings()
    company = office(settings)
    wrong = False
    with running(settings) as url:
        for finding in doctors.examine(company, url):
            terminal.show_finding(finding.part, finding.what, "" if finding.ok else finding.fix)
            wrong = wrong or not finding.ok
    if wrong:
        raise typer.Exit(1)


def _line_accounts(company: Office, name: str | None) -> list[LineAccount]:
    accounts = [one for one in company.channels.line if name in (None, one.name)]
    if not accounts:
        known = ", ".join(one.name for one in company.channels.line) or "none is connected"
        raise SettingError(
            f"There is no connected LINE account {name or ''}".rstrip()
            + f" ({known}). See channels.yaml and docs/line.md."
        )
    return accounts


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(doctor)
