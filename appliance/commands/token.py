"""`appliance token add|list|remove`."""

import json
from pathlib import Path

import click

from appliance.commands.home import home_option
from appliance.commands.options import json_option
from appliance.serve.tokens import add_token, read_tokens, remove_token


@click.group("token")
def command() -> None:
    """Say who may ask the server of this machine: one secret a client."""


@command.command("add")
@click.argument("name")
@home_option
def add(name: str, home: Path) -> None:
    """Make a secret for the client NAME and print it, this once."""
    secret = add_token(home, name)
    click.echo(secret)
    click.echo(f"the secret of {name}; it is kept as a hash only and cannot be shown again", err=True)


@command.command("list")
@home_option
@json_option
def show(home: Path, *, as_json: bool) -> None:
    """List the clients."""
    for name, token in sorted(read_tokens(home).items()):
        click.echo(json.dumps({"name": name, "created": token.created}) if as_json else f"{token.created}  {name}")


@command.command("remove")
@click.argument("name")
@home_option
def remove(name: str, home: Path) -> None:
    """Forget the client NAME; a running server notices at once."""
    remove_token(home, name)
    click.echo(f"removed {name}", err=True)
