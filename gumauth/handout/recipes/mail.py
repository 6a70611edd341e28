"""Mail programs, which make their SASL message of a token that a command prints. Pure.

Sources: marlam.de/msmtp/msmtp.html, mutt.org/doc/manual, isync.sourceforge.io/mbsync.html, aerc-imap(5), aerc-smtp(5);
developers.google.com/workspace/gmail/imap/xoauth2-protocol,
learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
"""

from __future__ import annotations

from gumauth.handout.recipes.quoting import quoted, shell
from gumauth.handout.recipes.recipe import Recipe, Wanted
from gumauth.platform.frozen import frozen


@frozen
class MailService:
    """A provider's mail.

    Args:
        imap: The host for reading, over TLS from the start.
        smtp: The host for sending, port 587 with STARTTLS.
        mechanism: The SASL mechanism, in small letters.
        scopes: What an account has to be granted, all of them.
    """

    imap: str
    smtp: str
    mechanism: str
    scopes: tuple[str, ...]


SERVICES = {
    "google": MailService(
        imap="imap.gmail.com", smtp="smtp.gmail.com", mechanism="oauthbearer", scopes=("https://mail.google.com/",)
    ),
    "microsoft": MailService(
        imap="outlook.office365.com",
        smtp="smtp.office365.com",
        mechanism="xoauth2",
        scopes=(
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
    ),
}
"""The mail of providers that have it, by the provider's name."""

USER = "USER@EXAMPLE.COM"
"""Stands for the address of an account whose nickname is none."""


def _user(wanted: Wanted) -> str:
    return wanted.user if "@" in wanted.user else USER


def _mechanism(wanted: Wanted) -> str:
    service = SERVICES.get(wanted.provider)
    return service.mechanism if service else "oauthbearer"


def _lines(*lines: str | None) -> str:
    return "\n".join(line for line in lines if line is not None)


def _msmtp(wanted: Wanted) -> str:
    service = SERVICES.get(wanted.provider)
    return _lines(
        f"host {service.smtp}\nport 587\ntls on" if service else None,
        f"auth {_mechanism(wanted)}",
        f"user {_user(wanted)}",
        f"passwordeval {shell(wanted.token())}",
    )


def _mutt(wanted: Wanted) -> str:
    service, user = SERVICES.get(wanted.provider), quoted(_user(wanted), MUTT)
    command = quoted(shell(wanted.token()), MUTT)
    return _lines(
        f'set folder = "imaps://{service.imap}/"' if service else None,
        f'set smtp_url = "smtp://{_encoded(wanted)}@{service.smtp}:587/"' if service else None,
        f"set imap_user = {user}",
        'set imap_authenticators = "oauthbearer:xoauth2"',
        f"set imap_oauth_refresh_command = {command}",
        'set smtp_authenticators = "oauthbearer:xoauth2"',
        f"set smtp_oauth_refresh_command = {command}",
    )


MUTT = '\\"$`'
"""What has a meaning of its own between mutt's double quotes."""


def _isync(wanted: Wanted) -> str:
    service = SERVICES.get(wanted.provider)
    return _lines(
        f"Host {service.imap}" if service else None,
        f"User {quoted(_user(wanted))}",
        "AuthMechs XOAUTH2",
        f"PassCmd {quoted(shell(wanted.token()))}",
    )


def _aerc(wanted: Wanted) -> str:
    service, command, login = SERVICES.get(wanted.provider), shell(wanted.token()), _encoded(wanted)
    imap, smtp = (service.imap, f"{service.smtp}:587") if service else ("IMAP.HOST", "SMTP.HOST:587")
    return _lines(
        f"source = imaps+{_mechanism(wanted)}://{login}@{imap}",
        f"source-cred-cmd = {command}",
        f"outgoing = smtp+{_mechanism(wanted)}://{login}@{smtp}",
        f"outgoing-cred-cmd = {command}",
        "outgoing-cred-cmd-cache = false",
    )


def _encoded(wanted: Wanted) -> str:
    """The user's name as a URL holds it."""
    from urllib.parse import quote

    return quote(_user(wanted), safe="")


def _notes(wanted: Wanted) -> tuple[str, ...]:
    known = wanted.provider in SERVICES
    notes = () if known else ("Host, port and TLS of the mail server stand beside it.",)
    return notes if _user(wanted) != USER else (*notes, f"Write your mail address in place of {USER}.")


def _isync_notes(wanted: Wanted) -> tuple[str, ...]:
    plugin = "mbsync needs a SASL plugin for the mechanism: Debian's libsasl2-modules-kdexoauth2 brings XOAUTH2."
    return (*_notes(wanted), plugin)


def _aerc_notes(wanted: Wanted) -> tuple[str, ...]:
    return (*_notes(wanted), "aerc keeps the token for reading until it ends; start it again when the token has ended.")


RECIPES = (
    Recipe(
        program="msmtp",
        title="msmtp",
        place="the account's section of ~/.msmtprc",
        needs="mail",
        text=_msmtp,
        notes=_notes,
    ),
    Recipe(program="mutt", title="mutt and NeoMutt", place="~/.muttrc", needs="mail", text=_mutt, notes=_notes),
    Recipe(
        program="isync",
        title="mbsync of isync",
        place="the IMAPAccount of ~/.mbsyncrc",
        needs="mail",
        text=_isync,
        notes=_isync_notes,
    ),
    Recipe(
        program="aerc",
        title="aerc",
        place="the account's section of ~/.config/aerc/accounts.conf",
        needs="mail",
        text=_aerc,
        notes=_aerc_notes,
    ),
)
