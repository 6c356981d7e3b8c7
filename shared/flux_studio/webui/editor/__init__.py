"""Edit area: the editor's calls, its sessions, and the overlay it opens in."""
