"""Which package to install for a module that is missing, for the modules in a table. Promise K18.

No package is guessed for another module: a package of the module's name may be another author's.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

ALIKE = (
    *("aiohttp", "attrs", "boto3", "botocore", "cachetools", "fastapi", "fastmcp", "gql", "h2"),
    *("httplib2", "httpx", "itsdangerous", "jwcrypto", "loguru", "mcp", "msal", "oauthlib", "openai"),
    *("orjson", "pydantic", "requests", "starlette", "stripe", "structlog", "tenacity", "toml"),
    *("urllib3", "google_auth_httplib2", "google_auth_oauthlib", "httpx_oauth", "pydantic_settings"),
    *("requests_oauthlib", "simple_salesforce", "slack_bolt", "slack_sdk"),
)
"""Modules whose package has their name, with "-" for "_"."""

PACKAGES = {
    **{name: name.replace("_", "-") for name in ALIKE},
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "attr": "attrs",
    "authlib": "Authlib",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "decouple": "python-decouple",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "flask": "Flask",
    "git": "GitPython",
    "github": "PyGithub",
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "nacl": "PyNaCl",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
"""Module → the package that has it. Source: each package's page at https://pypi.org."""

ANY = "PACKAGE"
"""In a command, the place of a package of unknown name."""


def package_of(module: str) -> str | None:
    """The package that has a module, or the nearest module above it in the table; None where neither is there.

    Args:
        module: The module's full name: "google.auth.transport".
    """
    while module:
        if module in PACKAGES:
            return PACKAGES[module]
        module = module.rpartition(".")[0]
    return None


def hint_for(module: str) -> str:
    """How to install the package of a module where gumauth runs."""
    package = package_of(module)
    if package is None:
        return f"Install the package that provides it where gumauth runs: `{command(ANY)}`."
    return f"Install {package} where gumauth runs: `{command(package)}`."


def command(package: str, prefix: str = sys.prefix, *, has_pip: bool | None = None) -> str:
    """The command that installs a package beside this gumauth, by the tool that installed gumauth.

    Args:
        package: The package's name at the registry.
        prefix: The folder of the interpreter's environment.
        has_pip: Whether `python -m pip` works there; None to find out.
    """
    import shlex

    package, python = shlex.quote(package) if package != ANY else package, shlex.quote(sys.executable)
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):  # made by pipx in each of its environments
        return f"pipx inject {shlex.quote(os.path.basename(prefix))} {package}"
    if os.path.exists(receipt := os.path.join(prefix, "uv-receipt.toml")):  # made by `uv tool install`
        gumauth, *others = _installed_by_uv(receipt)
        return " ".join([f"uv tool install {gumauth}", *(f"--with {each}" for each in (*others, package))])
    if find_spec("pip") is not None if has_pip is None else has_pip:
        return f"{python} -m pip install {package}"
    return f"uv pip install --python {python} {package}"


def _installed_by_uv(receipt: str) -> list[str]:
    """Gumauth and the other packages as `uv tool install` was given them; it removes those that are not given again."""
    import shlex
    import tomllib

    try:
        with open(receipt, "rb") as file:
            requirements = {str(each["name"]).lower(): each for each in tomllib.load(file)["tool"]["requirements"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        requirements = {}
    given = {name: _as_given(each) for name, each in ({"gumauth": {}} | requirements).items()}
    return [shlex.quote(given.pop("gumauth") or "gumauth"), *(shlex.quote(how or name) for name, how in given.items())]


def _as_given(requirement: dict[str, str]) -> str:
    """The address or folder that a package was installed from; empty for the registry."""
    if "git" in requirement:
        return f"git+{requirement['git']}"
    return next((str(requirement[key]) for key in ("directory", "path", "url", "editable") if key in requirement), "")
