"""Jobs: a paid picture survives the worker that ordered it, and all workers share one limit."""

from .keeper import Keeper, outcome_of
from .ledger import LedgerRow, Sums
from .memory import MemoryJobStore
from .record import ACTIVE, FINISHED, JobRecord, Outcome, Phase
from .requests import EDIT, picture_files, request_from_json, request_to_json, rerunnable
from .runner import Fate, JobRunner
from .store import Admission, JobStore, Limits, Reservation

__all__ = [
    "ACTIVE",
    "EDIT",
    "FINISHED",
    "Admission",
    "Fate",
    "JobRecord",
    "JobRunner",
    "JobStore",
    "Keeper",
    "LedgerRow",
    "Limits",
    "MemoryJobStore",
    "Outcome",
    "Phase",
    "Reservation",
    "Sums",
    "outcome_of",
    "picture_files",
    "request_from_json",
    "request_to_json",
    "rerunnable",
]
