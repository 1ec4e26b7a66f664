"""``hero_onboarding login``: sign in to a site with the mycelium key of this machine."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("url")
@click.option(
    "-k", "--key-file", type=click.Path(path_type=Path), help="The daemon's key file; else found."
)
@click.option("--yes", is_flag=True, help="Don't ask; not for a browser that waits elsewhere.")
def login(url: str, *, key_file: Path | None, yes: bool) -> None:
    """Sign in to the site at URL by proving this machine's mycelium key.

    The site, the address and the purpose are shown first. The signed-in page opens in your
    browser, or its link is printed. For a browser that waits elsewhere, URL is the address that it
    shows, and its code is asked for. The key never leaves this machine.

    Exit codes: 0 done, 1 refused, 2 wrong use, 3 try again, 4 no usable key, 5 the site is not who
    it says. Running it again is safe.
    """
    from hero_onboarding.cli.agreement import agree
    from hero_onboarding.helper.key_file import read_key, usual_places
    from hero_onboarding.helper.outcome import Stop
    from hero_onboarding.helper.program import ask, open_page
    from hero_onboarding.helper.sign_in import Terminal, sign_in
    from hero_onboarding.helper.site import read_url

    places = [key_file] if key_file else usual_places(Path.home(), sys.platform)
    terminal = Terminal(
        ask=ask,
        tell=lambda sentence: click.echo(sentence, err=True),
        give=click.echo,
        open_page=open_page,
    )
    try:
        site = read_url(url)
        key = read_key(places)
        sign_in(site, key, terminal, is_sure=yes, exchange=agree)
    except Stop as stop:
        click.echo(f"hero_onboarding login: {stop.sentence}.", err=True)
        raise click.exceptions.Exit(stop.exit_code) from None
