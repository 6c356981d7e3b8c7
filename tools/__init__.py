"""What `studio.py` runs; every command is a module with `main(arguments) -> exit code`."""
