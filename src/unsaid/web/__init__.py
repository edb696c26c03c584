"""The reader in the browser: stories open on this machine alone, to be looked at and set right."""

from unsaid.web.serve import serve

__all__ = ["serve"]
