"""The services that gumauth knows: one file of facts each, named as the service is in commands.

github, google, linear: a class with attributes; the docstring of `gumauth.oauth2.facts.Facts` lists them.
May import oauth2 (`OAuth2Provider`) and nothing else. `GIT` and `TOKEN_HEADERS` say some facts a second time.
"""

from __future__ import annotations

GIT: dict[str, tuple[tuple[str, ...], str]] = {
    "bitbucket": (("bitbucket.org",), "x-token-auth"),
    "forgejo": (("codeberg.org",), "oauth2"),
    "gitea": (("gitea.com",), "oauth2"),
    "github": (("github.com", "gist.github.com"), "x-access-token"),
    "gitlab": (("gitlab.com",), "oauth2"),
    "google": (("source.developers.google.com", ".googlesource.com"), "oauth2"),
}
"""`git_hosts` and `git_username` of each service that has git repositories: git asks at every fetch, and to import a
provider's class, with httpx behind it, takes ten times as long as the rest of the answer. A test compares them."""

GIT_AT_OWN_HOST: dict[str, str] = {
    "forgejo": "oauth2",
    "gitea": "oauth2",
    "github-enterprise": "x-access-token",
    "gitlab": "oauth2",
}
"""`git_username` of each service whose `git_hosts` are its {host} alone: so at a host of somebody's own too."""

TOKEN_HEADERS: dict[str, str] = {"shopify": "X-Shopify-Access-Token"}
"""`token_header` of each service that does not take its token in Authorization, for what prints or sends a header."""
