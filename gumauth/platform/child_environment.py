"""The environment of a program that gumauth starts: one rule for the browser and for the keyring's worker. Promise S1.

The program gets the variables that it needs to run in the person's session, and no others: a variable of any name may
hold a secret of gumauth or of another program (GITHUB_TOKEN, PGPASSWORD, DATABASE_URL).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = frozenset(
    {
        # The person, the machine, the language.
        *("HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "TERM"),
        *("LD_LIBRARY_PATH", "HOSTNAME", "CONTAINER", "PREFIX"),
        # The display and the session.
        *("DISPLAY", "XAUTHORITY", "XMODIFIERS", "SESSION_MANAGER", "DESKTOP_SESSION", "DESKTOP_STARTUP_ID", "BROWSER"),
        *("XDG_ACTIVATION_TOKEN", "SWAYSOCK", "I3SOCK", "CINNAMON_VERSION", "NO_AT_BRIDGE", "DRI_PRIME"),
        # How the network is reached.
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE"),
        # Windows, and a browser that is outside of where this program runs.
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA", "ALLUSERSPROFILE"),
        *("USERPROFILE", "USERNAME", "USERDOMAIN", "HOMEDRIVE", "HOMEPATH", "PUBLIC", "OS", "SESSIONNAME", "WSLENV"),
        *("WT_SESSION", "CODESPACES", "CODESPACE_NAME", "SUPERVISOR_ADDR"),
    }
)
"""Names of variables that every program gets, in capitals."""

BEGINNINGS = (
    *("LC_", "XDG_", "DBUS_", "WAYLAND_", "XCURSOR_", "AT_SPI_", "IBUS_", "FONTCONFIG_", "PULSE_", "PIPEWIRE_"),
    *("GNOME_", "KDE_", "MATE_", "XFCE", "HYPRLAND_", "GTK", "GDK_", "GIO_", "GSETTINGS_", "QT_", "CLUTTER_"),
    *("LIBGL_", "MESA_", "LIBVA_", "VDPAU_", "EGL_", "VK_", "__GL", "__EGL", "__NV", "__VK", "GBM_", "GSK_", "WEBKIT_"),
    *("MOZ_", "CHROME_", "CHROMIUM_", "FCITX_", "SNAP", "FLATPAK_"),
    *("NIX_", "__CF", "XPC_", "PROGRAM", "COMMONPROGRAM", "PROCESSOR_", "NUMBER_OF_PROCESSORS", "WSL_", "WSL2_"),
    *("VSCODE_", "REMOTE_CONTAINERS", "GITPOD_", "ANDROID_", "TERMUX_", "SOMMELIER_"),
)
"""How names begin of variables that every program gets, unless the name speaks of a secret."""

OURS = "GUMAUTH_"

SECRET = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|(API|ACCESS|PRIVATE|SIGNING|ENCRYPTION)_?KEY|_(KEY|PAT|PWD)$|PASS$"
    r"|COOKIE|_AUTH$|AUTH_CONFIG|BEARER|_JWT$|WEBHOOK|CONNECTION_?STRING|^NIX_CONFIG$"
)
"""A name in capitals that speaks of a secret. NIX_CONFIG may hold `access-tokens`."""

LOGIN = re.compile(r"://(?:[^/?#\s]*|[^/@\s]*:\S*)@|(?i:[?&;](?:passw|pwd|token|secret|sig|key|api_?key)\w*=)")
"""A login in a URL, also with a password that holds a slash; and a login in the query of a URL."""


def for_child(environ: Mapping[str, str], *, also: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment for a program.

    Args:
        environ: The environment of gumauth.
        also: How the names begin of the variables of this program, secret or not. "" adds every variable that neither
            is gumauth's nor looks like a secret, for a program of unknown needs.
    """
    own = tuple(filter(None, also))
    # `get`, because another thread may take a variable away meanwhile.
    kept = {name: environ.get(name) for name in list(environ) if _is_wanted(name.upper(), own, rest="" in also)}
    return {n: v for n, v in kept.items() if v is not None and (n.startswith(own) or not _has_login(n.upper(), v))}


def _has_login(name: str, value: str) -> bool:
    """Whether a value holds a login. A proxy's may be written without a scheme."""
    return LOGIN.search(value) is not None or (name.endswith("_PROXY") and name != "NO_PROXY" and "@" in value)


def _is_wanted(name: str, own: tuple[str, ...], *, rest: bool) -> bool:
    if name in NAMES or name.startswith(own):
        return True
    if name.startswith(OURS) or SECRET.search(name):
        return False
    return rest or name.startswith(BEGINNINGS)
