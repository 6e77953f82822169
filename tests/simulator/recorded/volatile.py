"""The one table of what differs by nature, and of the standing exceptions, each with its reason.

Everything that no entry names is compared verbatim. `where` is a regular expression for the whole of
`<route> <path of the value>`, the path being keys and indices joined by dots: `ListBackends 0.modcount`. Routes are
called as in `Exchange.route`; frames of a websocket are `ws` and the name of their key.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto


class Shape(Enum):
    """How far two volatile values must agree."""

    NUMBER = auto()  # a number of the same JSON type
    TEXT = auto()  # text that is equal once what the mask matches is cut out of both
    ID = auto()  # the same, and what is cut out is paired one to one for the whole scenario
    UNORDERED = auto()  # a list with the same members
    LOG = auto()  # lines of the server's log: see logs.py


@dataclass(frozen=True)
class Volatile:
    """One kind of value that may differ, how far, and why."""

    where: str
    shape: Shape
    reason: str
    mask: str = ""

    def covers(self, place: str) -> bool:
        """Whether this entry speaks of the value at `place`."""
        return re.fullmatch(self.where, place) is not None


PICTURE = r"(?<=raw/)\d{4}-\d\d-\d\d/\d{7}|(?<=data:image/png;base64,)[A-Za-z0-9+/=]+"
METADATA = r'(?<="date": ")\d{4}-\d\d-\d\d|\d+\.\d\d(?= sec")|(?<="hash": ")0x[0-9a-f]{64}'
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

VOLATILE = (
    Volatile(r"GetNewSession session_id", Shape.ID, "made anew by every server", r"^(<SESSION .+>|[0-9A-Fa-f]{40})$"),
    Volatile(r"GetNewSession server_id", Shape.ID, "made anew at every start of the server", f"^{UUID}$"),
    Volatile(r"GetNewSession permissions", Shape.UNORDERED, "the order of a hash table: it differs between two starts"),
    Volatile(r"\w+ (supported_features|(\d+\.)?features)", Shape.UNORDERED, "the order of a hash table"),
    Volatile(r"ListConnectedUsers users\.\d+\.last_active_seconds", Shape.NUMBER, "a time"),
    Volatile(
        r"ListConnectedUsers users\.\d+\.last_active",
        Shape.TEXT,
        "a time",
        r"^\d+ (milliseconds|seconds?|minutes?) ago$",
    ),
    Volatile(
        r"ListConnectedUsers users\.\d+\.active_sessions\.\d+\.count",
        Shape.NUMBER,
        "counts the sessions of earlier scenarios too, which ran on the same server",
    ),
    Volatile(r"ListBackends \d+\.modcount", Shape.NUMBER, "counts how often the backend was set up before"),
    Volatile(r"ListBackends \d+\.seconds_since_used", Shape.NUMBER, "a time"),
    Volatile(r"ListBackends \d+\.time_since_used", Shape.TEXT, "a time", r"^\d+ seconds? (ago|from now)$"),
    Volatile(r"GetServerResourceInfo (cpu|system_ram)\.\w+", Shape.NUMBER, "a measurement of the machine"),
    Volatile(r"ListMyAuthTokens tokens\.\d+\.id", Shape.ID, "made anew for every token", r"^[0-9a-f]{32}$"),
    Volatile(r"ListMyAuthTokens tokens\.\d+\.(created|last_active)", Shape.NUMBER, "a time"),
    Volatile(
        r"(GenerateText2Image|ws) (images\.\d+|image)", Shape.ID, "a file name holds the time, a picture", PICTURE
    ),
    Volatile(r"ListImages files\.\d+\.src", Shape.ID, "a file name holds the time", PICTURE),
    Volatile(r"ListImages folders\.\d+", Shape.TEXT, "a folder name is the date", r"\d{4}-\d\d-\d\d"),
    Volatile(
        r"ListImages files\.\d+\.metadata|ws metadata", Shape.TEXT, "times, and a hash of the model file", METADATA
    ),
    Volatile(r"/(View|Output) ", Shape.TEXT, "the simulator draws its own pictures, previews as PNG", r"^<\d+ bytes>$"),
    Volatile(r"ws request_id", Shape.ID, "counts the requests of earlier scenarios too", r"^\d+$"),
    Volatile(r"ws gen_progress\.request_id", Shape.ID, "counts the requests of earlier scenarios too", r"^\d+$"),
    Volatile(r"ws gen_progress\.(overall|current)_percent", Shape.NUMBER, "progress frames may be collapsed"),
    Volatile(r"ws gen_progress\.metadata", Shape.TEXT, "a time", METADATA),
    Volatile(
        r"/ComfyBackendDirect/queue queue_(running|pending)\.\d+\.0",
        Shape.NUMBER,
        "counts ComfyUI's earlier prompts too",
    ),
    Volatile(
        r"/ComfyBackendDirect/queue queue_(running|pending)\.\d+\.1",
        Shape.ID,
        "made anew for every prompt",
        f"^{UUID}$",
    ),
    Volatile(
        r"/ComfyBackendDirect/queue queue_(running|pending)\.\d+\.3\.client_id",
        Shape.TEXT,
        "made anew for every socket",
        f"^{UUID}$",
    ),
    Volatile(r"ListRecentLogMessages last_sequence_id", Shape.NUMBER, "counts all lines, also those not compared"),
    Volatile(
        r"ListRecentLogMessages data\.\w+", Shape.LOG, "holds lines of earlier scenarios and of Swarm's own workings"
    ),
    Volatile(
        r"log text",
        Shape.TEXT,
        "times, the path of a file",
        r"\d+\.\d\d(?= sec)|<PATH>(?= red cube)|(?<=file as ')[^']*?-a(?= red cube)",
    ),
)


@dataclass(frozen=True)
class Exempt:
    """A standing exception. `where` matches `<version>/<scenario> <method> <path>`, or for a log line its text."""

    what: str
    where: str
    reason: str

    def covers(self, place: str) -> bool:
        """Whether this exception speaks of `place`."""
        return re.match(self.where, place) is not None


NOT_SENT = (
    Exempt(
        "poll_cost",
        r"[\d.]+/poll_cost .*",
        "it measures how fast the real server answers; what polling costs here is benchmarked elsewhere",
    ),
    Exempt("GET /favicon.ico", r".* GET /favicon\.ico$", "a picture of the real program; nobody here reads it"),
    Exempt("GET /Text2Image", r".* GET /Text2Image$", "the web page of the real program; nobody here reads it"),
    Exempt("GetUserSettings", r".* POST /API/GetUserSettings$", "24 KB of the page's settings; nobody here reads them"),
    Exempt("AdminAddUser", r".* POST /API/AdminAddUser$", "administration of users: the script makes the accounts"),
    Exempt(
        "AddNewBackend, EditBackend, DeleteBackend",
        r".* POST /API/(AddNew|Edit|Delete)Backend$",
        "administration of backends: the script sets the second one up",
    ),
)

LOG_LINES_NOT_COMPARED = (
    Exempt("log lines `[Webhooks]`, `[BackendHandler]`", r"\[(Webhooks|BackendHandler)\] ", "Swarm's own workings"),
    Exempt(
        "log lines about a job's parsing and its socket to ComfyUI",
        r"(Will await a job, do parse\.\.\.|JSON parsed\.|Reuse existing websocket)$",
        "Swarm's own workings",
    ),
    Exempt(
        "log lines about ComfyUI's answer",
        r"(ComfyUI Websocket sent: |T2IAPI received save request|Ignore type )",
        "Swarm's own workings",
    ),
    Exempt(
        "log lines about backends being saved or shut down",
        r"(Saving backends\.\.\.|ComfyUI backend \d+ shutting down\.\.\.)$",
        "Swarm's own workings",
    ),
    Exempt("log line about a git commit date", r"Failed to get git commit date: ", "Swarm's own workings"),
)

STACK_TRACE = Exempt(
    "the stack trace below a log line", r"\n   at ", "its lines name places in the source of the real program"
)


@dataclass(frozen=True)
class CountedOtherwise:
    """Counters (COUNTERS order) that a scenario recorded and for which the simulator has others, and why."""

    scenario: str
    recorded: tuple[int, ...]
    simulated: tuple[int, ...]
    reason: str

    @property
    def what(self) -> str:
        """What is excepted."""
        return f"{self.scenario}: counters {self.recorded}, simulated {self.simulated}"


COUNTED_OTHERWISE = (
    CountedOtherwise(
        "0.9.8.2/two_backends",
        (5, 0, 1, 4),
        (5, 0, 0, 4),
        "a job dropped by its failed request was counted as waiting for one second more, although another job had "
        "taken the free backend; in cancel_batch and cancel_current such jobs are dropped at once, as here",
    ),
)

# Recorded on 0.9.8.2 only. What the simulator does there as 0.9.7.0 comes from reading SwarmUI's source.
UNRECORDED = {
    "0.9.7.0": (
        "accounts",
        "accounts_guest",
        "cancel_batch",
        "cancel_while_loading",
        "comfy_websocket",
        "forever",
        "generate_websocket",
        "hang_then_cancel",
        "poll_cost",
        "restart",
        "server_wide_header",
        "two_backends",
        "websocket_cancelled",
    )
}

EXCEPTIONS = (*NOT_SENT, *LOG_LINES_NOT_COMPARED, STACK_TRACE, *COUNTED_OTHERWISE)
