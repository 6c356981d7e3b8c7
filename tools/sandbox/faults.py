"""The faults the sandbox can be asked for, by `[sandbox:name]` or `[sandbox:name=value]` in the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

MARK = re.compile(r"\[sandbox:([^\]]*)\]")
ALWAYS = 1_000_000
"""Count of a fault that never ends by itself."""

Stage = Literal["submit", "task", "poll", "sample", "training", "openai"]
Argument = Literal["", "times", "seconds", "reasons"]


class FaultError(ValueError):
    """A fault that does not exist or has a value it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row of the table in docs/sandbox.md."""

    name: str
    stage: Stage
    effect: str
    argument: Argument = ""
    default: float | str = ""
    """Value when the prompt gives none; `ALWAYS` for times without end."""


ROWS: tuple[Fault, ...] = (
    Fault(name="invalid-key", stage="submit", effect="403 as for a wrong key"),
    Fault(name="out-of-credits", stage="submit", effect="402 Insufficient credits"),
    Fault(
        name="rate-limited",
        stage="submit",
        effect="429 with Retry-After, for the first `times` submits of this prompt",
        argument="times",
        default=ALWAYS,
    ),
    Fault(name="server-error", stage="submit", effect="500 with an HTML page"),
    Fault(
        name="unavailable",
        stage="submit",
        effect="503 with an HTML page for the first `times` submits of this prompt, then as usual",
        argument="times",
        default=1,
    ),
    Fault(
        name="malformed-submit", stage="submit", effect="the task is created, the answer is 200 with half a JSON text"
    ),
    Fault(
        name="connection-reset",
        stage="submit",
        effect="the task is created and billed, then the connection is reset without an answer",
    ),
    Fault(
        name="slow-submit",
        stage="submit",
        effect="the task is created and billed, the answer comes after `seconds`",
        argument="seconds",
        default=60,
    ),
    Fault(
        name="reset-before",
        stage="submit",
        effect="the connection is reset before anything was started: nothing is created or billed",
    ),
    Fault(name="bad-gateway", stage="submit", effect="the task is created and billed, the answer is a 502 with HTML"),
    Fault(
        name="huge-submit", stage="submit", effect="the task is created and billed, the answer is a JSON text of 3 MiB"
    ),
    Fault(name="redirecting-submit", stage="submit", effect="307 to an origin that is not trusted, nothing is created"),
    Fault(name="foreign-polling-host", stage="submit", effect="`polling_url` names a host that is not trusted"),
    Fault(
        name="request-moderated",
        stage="task",
        effect="ends as Request Moderated with `reasons`, separated by commas",
        argument="reasons",
        default="Derivative Works Filter",
    ),
    Fault(
        name="content-moderated",
        stage="task",
        effect="ends as Content Moderated with `reasons`, separated by commas",
        argument="reasons",
        default="Sexual Content, Violence",
    ),
    Fault(name="moderated-without-details", stage="task", effect="ends as Content Moderated, `details` null"),
    Fault(name="moderated-with-text", stage="task", effect="ends as Content Moderated, `details` a text"),
    Fault(name="error", stage="task", effect="ends as Error, HTTP 200"),
    Fault(name="failed-task", stage="task", effect="ends as Error, HTTP 422 with a task body"),
    Fault(name="unknown-status", stage="task", effect="ends with the undocumented status Failed"),
    Fault(name="new-states", stage="task", effect="runs through Pending, Reasoning and Generating"),
    Fault(
        name="slow", stage="task", effect="takes `seconds` instead of the set duration", argument="seconds", default=30
    ),
    Fault(name="stuck", stage="task", effect="stays Pending for ever"),
    Fault(
        name="not-found-first",
        stage="poll",
        effect="the first `times` polls do not know the task",
        argument="times",
        default=2,
    ),
    Fault(name="lost", stage="poll", effect="no poll ever knows the task"),
    Fault(
        name="poll-unavailable",
        stage="poll",
        effect="the first `times` polls are a 503 with an HTML page",
        argument="times",
        default=2,
    ),
    Fault(
        name="poll-rate-limited",
        stage="poll",
        effect="the first `times` polls are a 429 with Retry-After",
        argument="times",
        default=2,
    ),
    Fault(
        name="malformed-poll",
        stage="poll",
        effect="the first `times` polls are 200 with half a JSON text",
        argument="times",
        default=ALWAYS,
    ),
    Fault(
        name="huge-poll",
        stage="poll",
        effect="the first `times` polls are a JSON text of 3 MiB",
        argument="times",
        default=2,
    ),
    Fault(
        name="poll-reset",
        stage="poll",
        effect="the first `times` polls are reset without an answer",
        argument="times",
        default=2,
    ),
    Fault(
        name="slow-poll",
        stage="poll",
        effect="the first poll is answered after `seconds`",
        argument="seconds",
        default=60,
    ),
    Fault(
        name="redirecting-poll",
        stage="poll",
        effect="the first `times` polls are a 302 to an origin that is not trusted",
        argument="times",
        default=2,
    ),
    Fault(name="no-sample", stage="sample", effect="Ready, but `result` has no `sample`"),
    Fault(name="truncated-sample", stage="sample", effect="the connection closes after half of the announced bytes"),
    Fault(
        name="slow-sample",
        stage="sample",
        effect="the second half of the file comes after `seconds`",
        argument="seconds",
        default=30,
    ),
    Fault(
        name="html-sample",
        stage="sample",
        effect="the first `times` downloads are an HTML page under an image type",
        argument="times",
        default=ALWAYS,
    ),
    Fault(name="pixel-bomb", stage="sample", effect="a small PNG of 20000 x 20000 pixels"),
    Fault(name="oversized-sample", stage="sample", effect="an endless body, 96 MiB at most, without Content-Length"),
    Fault(
        name="sample-reset",
        stage="sample",
        effect="the first `times` downloads are reset without an answer",
        argument="times",
        default=ALWAYS,
    ),
    Fault(
        name="sample-unavailable",
        stage="sample",
        effect="the first `times` downloads are a 503 with an HTML page",
        argument="times",
        default=ALWAYS,
    ),
    Fault(name="empty-sample", stage="sample", effect="an empty body under an image type"),
    Fault(name="svg-sample", stage="sample", effect="an SVG with a script"),
    Fault(name="mistyped-sample", stage="sample", effect="the picture, but under text/html"),
    Fault(
        name="moved-sample",
        stage="sample",
        effect="the first `times` downloads are a 302 within the delivery host",
        argument="times",
        default=1,
    ),
    Fault(name="redirecting-sample", stage="sample", effect="302 to an origin that is not trusted"),
    Fault(name="foreign-sample", stage="sample", effect="`sample` names an origin that is not trusted"),
    Fault(name="expired-sample", stage="sample", effect="the sample URL has already expired: 403 with XML"),
    Fault(
        name="training-failed", stage="training", effect="the training ends as Error; write it into `finetune_comment`"
    ),
    Fault(name="unverified", stage="openai", effect="403, the organisation must be verified"),
    Fault(name="bad-parameter", stage="openai", effect="400 that names the parameter `quality`"),
    Fault(name="answers-url", stage="openai", effect="a whole answer names an address instead of base64"),
    Fault(name="json-instead", stage="openai", effect="the wish for a stream is ignored, the answer is JSON"),
    Fault(name="no-completed", stage="openai", effect="the stream ends without its last event"),
    Fault(name="broken-stream", stage="openai", effect="the connection is reset after the previews"),
    Fault(name="unknown-event", stage="openai", effect="the stream begins with an event of an unknown type"),
    Fault(name="final-first", stage="openai", effect="the finished picture comes before the previews"),
)

FAULTS: Mapping[str, Fault] = {row.name: row for row in ROWS}

Faults = Mapping[str, float | str]
"""Active faults of one request: name -> times, seconds or reasons."""


def parse_fault(text: str) -> tuple[str, float | str]:
    """ "rate-limited=2" -> ("rate-limited", 2.0). Raises FaultError."""
    name, has_value, value = text.strip().partition("=")
    fault = FAULTS.get(name)
    if fault is None:
        raise FaultError(f"There is no sandbox fault {name[:40]!r}; there are {', '.join(FAULTS)}.")
    if not has_value:
        return name, fault.default
    if fault.argument == "":
        raise FaultError(f"The sandbox fault {name} takes no value.")
    if fault.argument == "reasons":
        return name, value
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= ALWAYS:
        raise FaultError(f"The sandbox fault {name} takes a number of {fault.argument} from 0 to {ALWAYS}.")
    return name, number


def faults_of(prompt: str | None, always: Iterable[str] = ()) -> dict[str, float | str]:
    """The faults a prompt asks for, after those set for every request. Raises FaultError."""
    return dict(parse_fault(text) for text in [*always, *MARK.findall(prompt or "")])


def table() -> str:
    """The fault table of docs/sandbox.md."""
    lines = ["| write | where | what happens |", "| --- | --- | --- |"]
    for fault in ROWS:
        value = f"={fault.argument}" if fault.argument else ""
        standard = "for ever" if fault.default == ALWAYS else f"{fault.default}"
        default = f" (without a value: {standard})" if value else ""
        lines.append(f"| `[sandbox:{fault.name}{value}]` | {fault.stage} | {fault.effect}{default} |")
    return "\n".join(lines)
