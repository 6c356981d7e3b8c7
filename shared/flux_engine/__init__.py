"""The engine: runs diffusers pipelines on an own GPU (or CPU) as a process beside Open WebUI, never inside it."""
