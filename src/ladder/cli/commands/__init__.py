"""The commands: one module per command, with its `command`, imported when it runs."""
