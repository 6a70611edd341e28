"""The page that ends a connect, in the browser: no script, nothing loaded from elsewhere, light and dark."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from gumauth.platform.frozen import frozen
from gumauth.platform.text import one_line

STYLE = """
:root{color-scheme:light dark;
--ground:#f4f5f7;--glow:#dff3e8;--card:#fff;--edge:#e3e6ea;--shade:rgba(20,28,40,.10);
--ink:#16191d;--soft:#5a636e;--mark:#12824c;--wash:#e3f5eb;--chip:#f1f3f5}
.failed{--glow:#fbe6df;--mark:#b8401f;--wash:#fdeae4}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;padding:24px;display:flex;flex-direction:column;
align-items:center;justify-content:center;color:var(--ink);
background:radial-gradient(34rem 26rem at 50% 44%,var(--glow),transparent) fixed no-repeat var(--ground);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-font-smoothing:antialiased}
main{width:100%;max-width:27rem;padding:44px 36px 36px;text-align:center;background:var(--card);
border:1px solid var(--edge);border-radius:20px;
box-shadow:0 1px 2px var(--shade),0 24px 56px -20px var(--shade);animation:rise .45s cubic-bezier(.2,.8,.3,1) both}
svg{display:block;width:84px;height:84px;margin:0 auto 26px;fill:none;stroke-linecap:round;stroke-linejoin:round}
.disc{fill:var(--wash)}
.ring,.stroke{stroke:var(--mark)}
.ring{stroke-width:2.5;stroke-dasharray:100;transform:rotate(-90deg);transform-origin:center;
animation:draw .6s .1s ease-out backwards}
.stroke{stroke-width:4.5;stroke-dasharray:100;animation:draw .35s .5s ease-out backwards}
h1{margin:0;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.018em;text-wrap:balance;
overflow-wrap:anywhere}
p{margin:0;color:var(--soft);overflow-wrap:anywhere;text-wrap:balance}
.who{display:inline-block;max-width:100%;margin-top:16px;padding:5px 16px;border-radius:18px;color:var(--ink);
background:var(--chip);border:1px solid var(--edge);font-weight:550}
.message{margin-top:14px;color:var(--ink)}
.hint{margin-top:20px;padding:14px 16px;border-radius:12px;background:var(--chip);border:1px solid var(--edge);
text-align:left;text-wrap:pretty;color:var(--ink)}
.end{margin-top:24px}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;color:var(--ink);
display:inline-block;max-width:100%}
footer{margin-top:22px;font-size:.8125rem;letter-spacing:.04em;color:var(--soft)}
@keyframes rise{from{opacity:0;transform:translateY(10px)}}
@keyframes draw{from{stroke-dashoffset:100}}
@media (prefers-color-scheme:dark){
:root{--ground:#0e1114;--glow:#12281f;--card:#181c20;--edge:#2a3036;--shade:rgba(0,0,0,.5);
--ink:#eef1f4;--soft:#9aa4af;--mark:#4fd08c;--wash:#15301f;--chip:#20262b}
.failed{--glow:#2b1a15;--mark:#ff8f6b;--wash:#351d15}}
@media (max-width:30rem){body{padding:16px}main{padding:36px 22px 28px}h1{font-size:1.35rem}}
@media (prefers-reduced-motion:reduce){*{animation:none!important}}
@media (forced-colors:active){.ring,.stroke{stroke:CanvasText}}
"""

CHECK = "M24.5 41.5 35.5 52.5 56.5 30"
CROSS = "M29 29 51 51M51 29 29 51"

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} · gumauth</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>{style}</style>
</head>
<body class="{outcome}">
<main>
<svg viewBox="0 0 80 80" aria-hidden="true">
<circle class="disc" cx="40" cy="40" r="38"/>
<circle class="ring" cx="40" cy="40" r="38" pathLength="100"/>
<path class="stroke" pathLength="100" d="{drawing}"/>
</svg>
<h1>{title}</h1>
{told}
</main>
<footer>gumauth</footer>
</body>
</html>
"""


@frozen
class Page:
    """A page as it goes out.

    Args:
        body: HTML in UTF-8.
        headers: Names and values, ASCII; without Content-Length.
    """

    body: bytes
    headers: tuple[tuple[str, str], ...]


def connected_page(provider: str, nickname: str | None) -> Page:
    """The page for an account that is stored.

    Args:
        provider: What people call the provider, such as "Linear".
        nickname: Whose account it is; None where the provider did not say.
    """
    who = f'<p class="who"><bdi>{_text(nickname)}</bdi></p>\n' if nickname else ""
    end = '<p class="end">You may close this tab and go back to your terminal.</p>'
    return _page(f"{_text(provider)} is connected", who + end, outcome="connected", drawing=CHECK)


def failed_page(provider: str, message: str, hint: str | None) -> Page:
    """The page for a connect that came to nothing.

    Args:
        provider: What people call the provider.
        message: What happened, one sentence; no secret in it.
        hint: What to do; words between backticks are shown as code. None where there is nothing to do.
    """
    told = f'<p class="message">{_text(message, 600)}</p>\n'
    if hint:
        told += f'<p class="hint">{_with_code(_text(hint, 600))}</p>\n'
    told += '<p class="end">You may close this tab; your terminal says the same.</p>'
    return _page(f"{_text(provider)} was not connected", told, outcome="failed", drawing=CROSS)


def protective_headers(style: str | None = None) -> tuple[tuple[str, str], ...]:
    """The headers under which everything at the callback is sent.

    Args:
        style: The one style sheet that may apply, character for character; None for none.
    """
    source = f"; style-src '{_hash(style)}'" if style else ""
    policy = f"default-src 'none'{source}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return (
        ("Content-Security-Policy", policy),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    )


def _page(title: str, told: str, *, outcome: str, drawing: str) -> Page:
    text = FRAME.format(title=title, told=told, outcome=outcome, drawing=drawing, style=STYLE)
    kind = ("Content-Type", "text/html; charset=utf-8")
    return Page(body=text.encode(), headers=(kind, *protective_headers(STYLE)))


def _hash(style: str) -> str:
    """A source expression for exactly this text. Source: CSP Level 3 §2.3.1."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _text(foreign: str, limit: int = 200) -> str:
    return html.escape(one_line(foreign, limit))


def _with_code(escaped: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
