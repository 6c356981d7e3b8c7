"""The one error of the installer."""

from __future__ import annotations


class InstallError(Exception):
    """Why the installation stopped, in one sentence that says what to do; never holds a secret."""
