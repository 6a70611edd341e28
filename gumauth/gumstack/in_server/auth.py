"""The contract of a provider. In a process without gumauth, the file of the contract is loaded by its path."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING or __name__.startswith("gumauth."):
    from gumauth.provider import AuthProvider, TokenResponse
else:
    import sys
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    spec = spec_from_file_location(f"{__package__}.provider", Path(__file__).parents[2] / "provider.py")
    provider = sys.modules[spec.name] = module_from_spec(spec)  # dataclasses look there
    spec.loader.exec_module(provider)
    AuthProvider, TokenResponse = provider.AuthProvider, provider.TokenResponse

__all__ = ["AuthProvider", "TokenResponse"]
