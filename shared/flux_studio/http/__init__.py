"""The network edge: the only room that speaks HTTP to providers, with its rules on keys, hosts and repetition."""

from .answer import Answer
from .client import HttpClient
from .failures import CallFailed, Service

__all__ = ["Answer", "CallFailed", "HttpClient", "Service"]
