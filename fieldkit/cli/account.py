"""Who may enter the desk: `fieldkit account …`."""

from __future__ import annotations

import click

from fieldkit.cli.root import main, words, work
from fieldkit.core.access import LOCAL


@main.group(help=words("account_help"))
def account() -> None:
    pass


@account.command("add", help=words("account_add_help"))
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["researcher", "county_reader", "operator"]),
    default="researcher",
    show_default=True,
    help=words("account_role_help"),
)
@click.option("--county", multiple=True, help=words("account_county_help"))
def account_add(name: str, role: str, county: tuple[str, ...]) -> None:
    from fieldkit.services.accounts import create_account

    with work() as session:
        password = create_account(session, LOCAL, name, role, frozenset(county))
    click.echo(words("account_added", name=name, password=password))


@account.command("list", help=words("account_list_help"))
def account_list() -> None:
    from fieldkit.services.accounts import listed_accounts

    with work() as session:
        for one in listed_accounts(session, LOCAL):
            click.echo(f"{one.name:24}{one.role:15}{' '.join(sorted(one.counties))}".rstrip())


@account.command("password", help=words("account_password_help"))
@click.argument("name")
def account_password(name: str) -> None:
    from fieldkit.services.accounts import renew_password

    with work() as session:
        password = renew_password(session, LOCAL, name)
    click.echo(words("account_renewed", name=name, password=password))


@account.command("remove", help=words("account_remove_help"))
@click.argument("name")
def account_remove(name: str) -> None:
    from fieldkit.services.accounts import remove_account

    with work() as session:
        remove_account(session, LOCAL, name)
    click.echo(words("account_removed", name=name))
