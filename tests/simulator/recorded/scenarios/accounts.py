"""AuthorizationRequired: owner, admin, poweruser, user, guest; tokens, their revocation, cancels across users."""

import re

from tests.simulator.recorded.script import Account, At, Script, World
from tests.simulator.recorded.stage import Stage

ACCOUNTS = (
    Account("boss", "owner"),
    Account("plain", "user"),
    Account("power", "poweruser"),
    Account("deputy", "admin"),
    Account("visitor", "guest"),
)
COOKIE = r"swarm_token=(.+); expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT; path=/; samesite=lax; httponly"


async def login(stage: Stage, name: str, password: str | None = None, expected: str = '{"success":"true"}') -> None:
    """Log in as the notes tell, and learn the token."""
    hashed = f"__swarmdoprehash:swarmclientpw:{name}:{password or f'{name}-password'}"
    answer = await stage.request("POST", "/API/Login", {}, {"username": name, "password": hashed})
    if answer.status != 200 or answer.text != expected:
        stage.differ(f"Login {name}", f"recorded 200 {expected}, simulated {answer.status} {answer.text}")
    cookie = re.fullmatch(COOKIE, answer.headers.get("Set-Cookie", ""))
    if cookie is not None:
        stage.ids.pair(f"<TOKEN {name}>", cookie.group(1))
    if (cookie is not None) is not ("success" in expected):
        stage.differ(f"Login {name}", f"Set-Cookie is {answer.headers.get('Set-Cookie')!r}")


async def boss_logs_in(stage: Stage) -> None:
    """A wrong password first."""
    await login(stage, "boss", "wrong", '{"error_id":"invalid_login"}')
    await login(stage, "boss")


async def boss_makes_a_token(stage: Stage) -> None:
    """CreateAuthToken answers with the whole token, three parts of 8, 32 and 32 characters."""
    body = {"reason": "tray", "session_id": stage.session_of("admin")}
    reply = await stage.ask("POST", "/API/CreateAuthToken", body, stage.cookie("boss"))
    if reply.keys() != {"token"} or [len(part) for part in reply["token"].split(".")] != [8, 32, 32]:
        stage.differ(14, f"CreateAuthToken answers {sorted(reply)}")


async def plain_logs_in(stage: Stage) -> None:
    """The user."""
    await login(stage, "plain")


async def power_logs_in(stage: Stage) -> None:
    """The poweruser."""
    await login(stage, "power")


async def deputy_logs_in(stage: Stage) -> None:
    """The admin."""
    await login(stage, "deputy")


async def visitor_is_locked_out(stage: Stage) -> None:
    """The sixth login from one address within a minute."""
    await login(stage, "visitor", expected='{"error_id":"ratelimit"}')


async def power_reads_the_queue(stage: Stage) -> None:
    """What runs before it is interrupted."""
    await stage.pair_prompts(running="e93e91a2-ed28-4690-a8b9-a4e943bfd2c9", headers=stage.cookie("power"))


async def plain_makes_a_token(stage: Stage) -> None:
    """A second token of the same user."""
    body = {"reason": "second", "session_id": stage.session_of("plain")}
    reply = await stage.ask("POST", "/API/CreateAuthToken", body, stage.cookie("plain"))
    stage.ids.pair("<TOKEN2 plain>", reply["token"])


async def plain_revokes_it(stage: Stage) -> None:
    """By the id in its middle."""
    token_id = stage.ids.simulated("<TOKEN2 plain>").split(".")[1]
    body = {"tokenId": token_id, "session_id": stage.session_of("plain")}
    reply = await stage.ask("POST", "/API/RevokeMyAuthToken", body, stage.cookie("plain"))
    if reply != {"success": True}:
        stage.differ(92, f"RevokeMyAuthToken answers {reply}")


def script(_version: str) -> Script:
    """Logins, two new tokens and a revocation are not in the file; the model must be loaded first."""
    return Script(
        World(step_seconds=0.15, loaded_model=None, accounts=ACCOUNTS),
        acts=(
            At(0.146, boss_logs_in),
            At(0.221, boss_makes_a_token),
            At(0.229, plain_logs_in),
            At(0.237, power_logs_in),
            At(0.245, deputy_logs_in),
            At(0.2495, visitor_is_locked_out),
            At(2.482, power_reads_the_queue),
            At(2.493, plain_makes_a_token),
            At(2.5, plain_revokes_it),
        ),
    )
