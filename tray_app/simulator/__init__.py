"""A SwarmUI that computes nothing and behaves towards an onlooker as the recorded servers do.

`server.SimulatedSwarmUI` is the thing; `demo.start` gives it a day of its own. Below them: `world` (the whole state),
`requests`, `jobs` and `dispatch` (who gets a backend when), `comfy` (queue, steps, interrupts), `sessions`,
`accounts`, `permissions`, `outputs`, `logbook`, `clock`; `http` holds the routes. Only `http` imports aiohttp.

Where it knowingly differs from SwarmUI:
- Previews are PNG under SwarmUI's content type image/jpg; pictures carry no metadata inside the file.
- GetUserSettings, GetMyUserData, GetServerResourceInfo and the pages hold the least that an onlooker may ask for.
- The log lacks lines about the server's own workings; unrecorded ones are worded here: who asked for an interruption,
  a load that was abandoned, a backend that was restarted under its jobs.
- Any model name is accepted. Only plain text-to-image requests exist; only ComfyUI backends work.
- 0.9.7.0 was recorded without accounts: there roles hold what 0.9.8.2 gives them, less what 0.9.7.0 does not know.
"""
