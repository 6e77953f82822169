"""What the two recorded generations of SwarmUI do differently (0.9.7.0 of 2025-08-25, 0.9.8.2 of 2026-08-21)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """The features of one generation that an onlooker can tell apart."""

    number: str
    json_errors: bool  # protocol errors as 400 JSON (src/WebAPI/API.cs, 2025-12-25), before as redirects to /Error/…
    session_header: bool  # X-Session-ID in place of the body's session_id
    user_counters: bool  # counters in ListConnectedUsers (2025-10-16)
    progress_lines: bool  # Verbose log lines with the progress of every job (2026-07-10)
    refusals_logged: bool  # a Warning line for each refused image
    continue_after_errors: bool  # the parameter of that name (2026-06-26)
    strict_interrupt_body: bool  # the pass-through's POST /interrupt needs a JSON body (2026-03-13)
    sampler_negates: bool  # the sampler has an input model_negative
    load_decodes: bool  # the model-load prompt still has a VAEDecode node
    media_type_words: str  # how the log names the format of a finished picture
    missing_routes: frozenset[str]  # in lower case


NEW = Version(
    number="0.9.8.2",
    json_errors=True,
    session_header=True,
    user_counters=True,
    progress_lines=True,
    refusals_logged=True,
    continue_after_errors=True,
    strict_interrupt_body=True,
    sampler_negates=True,
    load_decodes=False,
    media_type_words="MediaType: png (image/png)",
    missing_routes=frozenset(),
)
OLD = Version(
    number="0.9.7.0",
    json_errors=False,
    session_header=False,
    user_counters=False,
    progress_lines=False,
    refusals_logged=False,
    continue_after_errors=False,
    strict_interrupt_body=False,
    sampler_negates=False,
    load_decodes=True,
    media_type_words="png",
    missing_routes=frozenset(
        {"getglobalstatus", "admininterruptuser", "createauthtoken", "listmyauthtokens", "revokemyauthtoken"}
    ),
)


def version(number: str) -> Version:
    """The generation with that number. Raises ValueError for one that was not recorded."""
    for known in (NEW, OLD):
        if known.number == number:
            return known
    raise ValueError(f"There are recordings of SwarmUI 0.9.8.2 and 0.9.7.0 only, not of {number}.")
