"""The network edge: the only room that speaks HTTP to providers, with its rules on keys, hosts and repetition."""

from .answer import Answer
from .client import HttpClient
from .failures import CallFailed, Service
from .stream import LineStream

__all__ = ["Answer", "CallFailed", "HttpClient", "LineStream", "Service"]
