"""The only rooms that touch Open WebUI: its files, messages, events, rights, database and plugins."""
