"""`appliance token add|list|remove`."""

from pathlib import Path

import click

from appliance.commands.home import home_option
from appliance.commands.options import json_option
from appliance.core.language import message, say
from appliance.core.telling import tell, tell_json
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
    tell(secret)
    told = message("the secret of {name}; it is kept as a hash only and cannot be shown again")
    tell(say(told, name=name), err=True)


@command.command("list")
@home_option
@json_option
def show(home: Path, *, as_json: bool) -> None:
    """List the clients."""
    for name, token in sorted(read_tokens(home).items()):
        if as_json:
            tell_json({"name": name, "created": token.created})
        else:
            tell(f"{token.created}  {name}")


@command.command("remove")
@click.argument("name")
@home_option
def remove(name: str, home: Path) -> None:
    """Forget the client NAME; a running server notices at once."""
    remove_token(home, name)
    tell(say("removed {name}", name=name), err=True)
