"""FLUX Studio: the one client package that every plugin of the bundle shares."""

VERSION = "0.1.0"
